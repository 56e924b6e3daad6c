//! A third party's mock of the providers of language models, so that our idea of their dialects is not only ours.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::client::Client;

/// How long it may take to start: it is written in Python.
const START: Duration = Duration::from_mins(1);

/// The dialects, each with where the mock speaks it.
pub const DIALECTS: [(&str, &str); 3] = [("openai", "/v1"), ("anthropic", "/anthropic/v1"), ("gemini", "/gemini/v1beta")];

/// The Python that has the official clients and the mock, as `COMMANDCENTER_TEST_CLIENTS` names its folder; says so where there is none.
#[must_use]
pub fn foreign_clients() -> Option<PathBuf> {
    let folder = std::env::var_os("COMMANDCENTER_TEST_CLIENTS").map(PathBuf::from).filter(|folder| folder.join("bin/llmock").is_file());
    if folder.is_none() {
        println!("skipped: COMMANDCENTER_TEST_CLIENTS names no Python with openai, anthropic and llmock; `cargo xtask test` installs them");
    }
    folder
}

/// A running mock. Stops when dropped.
pub struct ModelMock {
    child: Child,
    client: Client,
    /// `http://127.0.0.1:<port>`.
    pub url: String,
}

impl ModelMock {
    /// Starts one; `None`, with the reason printed, where it is not installed.
    pub async fn start() -> Option<Self> {
        let program = foreign_clients()?.join("bin/llmock");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["serve", "--port", &port.to_string(), "--log-level", "error"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the mock starts");
        let url = format!("http://127.0.0.1:{port}");
        let mock = Self { child, client: Client::new(&url), url };
        let deadline = Instant::now() + START;
        while mock.client.try_get("/_llmock/scenario").await.is_none_or(|reply| reply.status != 200) {
            assert!(Instant::now() < deadline, "the mock answers in time");
            sleep(Duration::from_millis(25)).await;
        }
        Some(mock)
    }

    /// Makes a provider for each dialect, named as the dialect, with one model of the same name.
    pub async fn provide(&self, project: &Client) {
        for (dialect, path) in DIALECTS {
            let model = json!({
                "name": dialect, "input_nano_per_million": 150_000_000, "output_nano_per_million": 600_000_000, "context_window": 100_000,
            });
            let provider = json!({
                "alias": dialect, "dialect": dialect, "base_url": format!("{}{path}", self.url), "api_key": "any-key-will-do", "models": [model],
            });
            project.post("/api/v1/settings/providers", provider).await.expect(201);
        }
    }

    /// Says what the next requests meet.
    pub async fn expect(&self, behaviours: Value) {
        self.client.post("/_llmock/scenario", json!({ "behaviors": behaviours })).await.expect(201);
    }

    /// Where scripts are posted to.
    #[must_use]
    pub fn script_url(&self) -> String {
        format!("{}/_llmock/scenario", self.url)
    }

    /// What it thinks of whoever asked it.
    pub async fn verdict(&self) -> Value {
        self.client.get("/_llmock/verdict").await.expect(200)
    }
}

impl Drop for ModelMock {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
