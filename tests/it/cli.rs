//! The command line against the real API: what the story needs, without a browser.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use commandcenter_testkit::TestApp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

const PASSWORD: &str = "correct horse battery staple";

/// Somebody at a terminal, in a home directory of their own.
struct Person {
    home: TempDir,
    server: String,
}

impl Person {
    fn at(app: &TestApp) -> Self {
        Self { home: tempfile::tempdir().unwrap(), server: app.url.clone() }
    }

    /// Runs a command; its exit code and what it printed.
    async fn runs(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().await.unwrap();
        let Output { status, stdout, stderr } = output;
        let text = String::from_utf8(stdout).unwrap();
        let code = status.code().unwrap();
        if code != 0 {
            eprintln!("{arguments:?} ended with {code}: {}", String::from_utf8_lossy(&stderr));
        }
        (code, text)
    }

    /// Runs a command with `--json` that has to work; what it printed.
    async fn gets(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
        let (code, text) = self.runs(&arguments).await;
        assert_eq!(code, 0, "{arguments:?}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.home.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.home.path()).env("XDG_CONFIG_HOME", self.home.path());
        command.env("COMMANDCENTER_URL", &self.server).env("COMMANDCENTER_PASSWORD", PASSWORD);
        command
    }
}

/// The binary of this build: beside the folder of the test binaries.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(|folder| folder.parent()).unwrap().join("commandcenter");
    assert!(path.exists(), "{} is missing: run `cargo build --workspace --bins` first", path.display());
    path
}

#[tokio::test]
async fn a_person_logs_in_makes_a_project_and_logs_out() {
    let app = TestApp::start().await;
    app.user("ann").await;
    let ann = Person::at(&app);

    assert_eq!(ann.runs(&["projects", "list"]).await.0, 3);
    ann.gets(&["login", "--email", "ann@example.com"]).await;
    let project = ann.gets(&["projects", "create", "Radar"]).await;
    let listed = ann.gets(&["projects", "list"]).await;
    assert_eq!(listed["items"][0]["id"], project["id"]);
    assert_eq!(ann.gets(&["projects", "show"]).await["repository_count"], 0);
    assert_eq!(ann.runs(&["projects", "create", "Radar"]).await.0, 1);
    ann.gets(&["logout"]).await;
    assert_eq!(ann.runs(&["projects", "list"]).await.0, 3);
}

#[tokio::test]
async fn a_wrong_password_is_exit_code_3() {
    let app = TestApp::start().await;
    let ann = Person::at(&app);
    let status = ann.command(&["login", "--email", "root@example.com"]).env("COMMANDCENTER_PASSWORD", "something else").status().await;
    assert_eq!(status.unwrap().code(), Some(3));
}

#[tokio::test]
async fn a_document_is_uploaded_and_found() {
    let app = TestApp::start().await;
    app.user("ann").await;
    let ann = Person::at(&app);
    ann.gets(&["login", "--email", "ann@example.com"]).await;
    ann.gets(&["projects", "create", "Radar"]).await;
    let text = "# Keys\n\nSigning keys are rotated every quarter by the release team.\n";
    std::fs::write(ann.home.path().join("keys.md"), text).unwrap();

    let uploaded = ann.gets(&["upload", "keys.md", "--category", "guides"]).await;
    assert_eq!(uploaded["items"][0]["job"]["status"], "completed", "{uploaded}");
    let answer = ann.gets(&["search", "who", "rotates", "signing", "keys", "--mode", "lexical"]).await;
    assert_eq!(answer["items"][0]["document_id"], uploaded["items"][0]["document_id"], "{answer}");
    let (code, people) = ann.runs(&["search", "signing keys"]).await;
    assert_eq!(code, 0);
    assert!(people.contains("release team"), "{people}");
    assert_eq!(ann.gets(&["jobs", "list"]).await["items"][0]["job_type"], "knowledge_ingest");
    assert_eq!(ann.gets(&["jobs", "list", "--archived", "--type", "knowledge_ingest"]).await["total"], 0);
    assert_eq!(ann.runs(&["jobs", "list", "--archived", "--queue", "ingest"]).await.0, 2);
}

#[tokio::test]
async fn a_prompt_is_looked_at_and_without_a_model_not_judged() {
    let app = TestApp::start().await;
    app.user("ann").await;
    let ann = Person::at(&app);
    ann.gets(&["login", "--email", "ann@example.com"]).await;
    ann.gets(&["projects", "create", "Radar"]).await;
    std::fs::write(ann.home.path().join("prompt.md"), "You are a biologist. Tell me about whales, in detail but briefly.").unwrap();
    let found = ann.gets(&["prompts", "check", "prompt.md"]).await;
    assert_eq!((&found["has_role"], &found["word_count"]), (&Value::Bool(true), &Value::from(12)), "{found}");
    assert_eq!(found["potential_conflicts"].as_array().unwrap().len(), 1, "{found}");
    assert!(ann.runs(&["prompts", "check", "prompt.md"]).await.1.contains("briefly"));
    assert_eq!(ann.runs(&["prompts", "improve", "prompt.md"]).await.0, 1);
    assert_eq!(ann.runs(&["prompts", "check", "nowhere.md"]).await.0, 1);
}

#[tokio::test]
async fn a_repository_of_another_project_is_exit_code_4() {
    let app = TestApp::start().await;
    app.user("ann").await;
    app.user("eve").await;
    let (ann, eve) = (Person::at(&app), Person::at(&app));
    ann.gets(&["login", "--email", "ann@example.com"]).await;
    ann.gets(&["projects", "create", "Radar"]).await;
    let repository = ann.gets(&["repos", "add", "octo-org/handbook"]).await["id"].to_string();
    assert_eq!(ann.gets(&["repos", "list"]).await["total"], 1);

    eve.gets(&["login", "--email", "eve@example.com"]).await;
    assert_eq!(eve.runs(&["repos", "list"]).await.0, 1, "no project is chosen");
    eve.gets(&["projects", "create", "Other"]).await;
    assert_eq!(eve.runs(&["repos", "show", &repository]).await.0, 4);
    assert_eq!(eve.runs(&["repos", "list", "--project", "Radar"]).await.0, 4);
    assert_eq!(ann.runs(&["repos", "remove", "octo-org/handbook"]).await.0, 0);
    assert_eq!(ann.runs(&["repos", "show", "octo-org/handbook"]).await.0, 4);
}

#[tokio::test]
async fn a_job_is_watched_to_its_end_and_a_failure_is_exit_code_6() {
    let app = TestApp::start_with(&[("COMMANDCENTER_GITHUB__API_URL", "http://127.0.0.1:1")]).await;
    app.user("ann").await;
    let ann = Person::at(&app);
    ann.gets(&["login", "--email", "ann@example.com"]).await;
    ann.gets(&["projects", "create", "Radar"]).await;
    ann.gets(&["repos", "add", "octo-org/handbook"]).await;
    let job = ann.gets(&["sync", "octo-org/handbook", "--no-wait"]).await["job_id"].to_string();
    ann.gets(&["jobs", "cancel", &job]).await;
    assert_eq!(ann.runs(&["jobs", "watch", &job]).await.0, 6);
}
