//! Running the binary, alone in a home directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A home directory, and the server its owner talks to.
pub(crate) struct Home {
    pub(crate) directory: TempDir,
    server: String,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// What it printed, if it ended with that code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Home {
    pub(crate) fn of(server: impl Into<String>) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), server: server.into() }
    }

    /// A home with a kept login: tokens `old` and `refresh-1`, project 7.
    pub(crate) fn logged_in(server: &str) -> Self {
        let home = Self::of(server);
        let login = json!({ "email": "ann@example.com", "access_token": "old", "refresh_token": "refresh-1", "project": 7 });
        home.write_credentials(&json!({ "current": server, "servers": { server: login } }));
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.path().join("commandcenter/credentials.json")
    }

    pub(crate) fn kept(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.credentials()).unwrap()).unwrap()
    }

    /// Runs the binary.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[]).await
    }

    /// Runs the binary with variables of the environment.
    pub(crate) async fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_commandcenter"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.path()).env("XDG_CONFIG_HOME", self.path());
        if !self.server.is_empty() {
            command.env("COMMANDCENTER_URL", &self.server);
        }
        let Output { status, stdout, stderr } = command.envs(variables.iter().copied()).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    fn write_credentials(&self, content: &Value) {
        std::fs::create_dir_all(self.credentials().parent().unwrap()).unwrap();
        std::fs::write(self.credentials(), content.to_string()).unwrap();
    }
}

/// A path of the API.
pub(crate) fn api(below: &str) -> impl wiremock::Match + use<> {
    path(format!("/api/v1{below}"))
}

/// An answer.
pub(crate) fn answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// A page of a list.
pub(crate) fn list(items: &Value) -> Value {
    let total = items.as_array().unwrap().len();
    json!({ "items": items, "total": total, "page": 1, "page_size": 50, "has_next": false, "has_prev": false })
}

/// A server that answers one request.
pub(crate) async fn server(verb: &str, below: &str, reply: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method(verb)).and(api(below)).respond_with(reply).mount(&server).await;
    server
}
