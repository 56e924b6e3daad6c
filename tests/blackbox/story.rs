//! A person starts the product, makes an account and a project, tracks a repository, watches it being read, and asks a question.

use std::time::Duration;

use commandcenter_testkit::{Backend, Client, Reply, TestDb};
use futures::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long a job may take.
const JOB: Duration = Duration::from_mins(2);

struct Person {
    client: Client,
    server: String,
}

impl Person {
    /// The first account of the instance, with a project.
    async fn arrives(server: &str, client: &Client) -> Self {
        Self { client: project(client).await, server: server.to_owned() }
    }

    /// Tracks a repository and asks for its synchronisation; the job's id.
    async fn tracks(&self, owner: &str, name: &str) -> (i64, i64) {
        let repository = self.client.post("/api/v1/repositories", json!({ "owner": owner, "name": name })).await.expect(201);
        let id = repository["id"].as_i64().unwrap();
        let accepted: Reply = self.client.post(&format!("/api/v1/repositories/{id}/sync"), json!({})).await;
        assert!(accepted.header("location").is_some());
        (id, accepted.expect(202)["job_id"].as_i64().unwrap())
    }

    /// Follows a job on its socket to the end; every frame.
    async fn follows(&self, job: i64) -> Vec<Value> {
        let ticket = self.client.post("/api/v1/auth/ws-ticket", json!({})).await.expect(201);
        let host = self.server.trim_start_matches("http://");
        let url = format!("ws://{host}/api/v1/jobs/ws/{job}?ticket={}", ticket["ticket"].as_str().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("the socket opens");
        let mut frames = Vec::new();
        let read = async {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    frames.push(serde_json::from_str::<Value>(&text).unwrap());
                }
            }
        };
        timeout(JOB, read).await.expect("the job ends and its socket closes");
        frames
    }

    /// Waits for a job by its row.
    async fn awaits(&self, job: i64) -> Value {
        let deadline = Instant::now() + JOB;
        loop {
            let row = self.client.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
            if matches!(row["status"].as_str(), Some("completed" | "failed" | "cancelled" | "dead")) {
                return row;
            }
            assert!(Instant::now() < deadline, "the job did not end in time: {row}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks until the answer was found the same way as another: the model loads in the background, and until then only words count.
    async fn asks_like(&self, query: &str, other: &Value) -> Value {
        let deadline = Instant::now() + JOB;
        loop {
            let answer = self.asks(query).await;
            if answer["mode_used"] == other["mode_used"] {
                return answer;
            }
            assert!(Instant::now() < deadline, "the model did not load in time: {answer}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks; the whole answer.
    async fn asks(&self, query: &str) -> Value {
        self.client.post("/api/v1/knowledge/query", json!({ "query": query, "limit": 5 })).await.expect(200)
    }
}

fn fixture(folder: &TempDir) -> (Process, String) {
    let port = free_port();
    let bind = format!("127.0.0.1:{port}");
    let process = Process::start("recorded-github", &["--bind", &bind], &[], &folder.path().join("github.log"));
    (process, format!("http://{bind}"))
}

#[tokio::test]
async fn one_process_on_sqlite_tells_the_whole_story() {
    let folder = tempfile::tempdir().unwrap();
    let (_github, github) = fixture(&folder);
    let (bind, data) = (format!("127.0.0.1:{}", free_port()), folder.path().join("data"));
    let server = format!("http://{bind}");
    let arguments = ["up", "--data-dir", data.to_str().unwrap(), "--bind", &bind];
    let mut up = Process::start("commandcenter", &arguments, &[("COMMANDCENTER_GITHUB__API_URL", &github)], &folder.path().join("up.log"));
    let client = until_ready(&server, &mut up).await;

    let ann = Person::arrives(&server, &client).await;
    let (_, job) = ann.tracks("octo-org", "handbook").await;
    let frames = ann.follows(job).await;

    assert_eq!(frames.first().unwrap()["type"], "connected");
    assert_eq!(frames.last().unwrap()["type"], "completed", "{frames:?}");
    assert_eq!(frames.last().unwrap()["status"], "completed", "{frames:?}");
    let answer = ann.asks("how do I rotate the signing keys").await;
    assert!(!answer["items"].as_array().unwrap().is_empty(), "{answer}");
    // The work survives a death: start again on the same folder and ask again.
    up.kill();
    let mut up = Process::start("commandcenter", &arguments, &[("COMMANDCENTER_GITHUB__API_URL", &github)], &folder.path().join("up2.log"));
    until_ready(&server, &mut up).await;
    assert_eq!(ann.asks_like("how do I rotate the signing keys", &answer).await["items"], answer["items"]);
}

#[tokio::test]
async fn an_api_and_two_workers_on_postgresql_survive_the_death_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDb::open_on(Backend::Postgres).await;
    let port = free_port();
    let github = format!("http://127.0.0.1:{port}");
    let slow = ["--bind".to_owned(), format!("127.0.0.1:{port}"), "--delay-ms".to_owned(), "300".to_owned()];
    let slow: Vec<&str> = slow.iter().map(String::as_str).collect();
    let _github = Process::start("recorded-github", &slow, &[], &folder.path().join("github.log"));
    let data = folder.path().join("data");
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_GITHUB__API_URL", &github),
        ("COMMANDCENTER_JOBS__LEASE", "3s"),
    ];
    let bind = format!("127.0.0.1:{}", free_port());
    let server = format!("http://{bind}");
    let data = data.to_str().unwrap();
    let mut api = Process::start("commandcenter-api", &["--data-dir", data, "--bind", &bind], &variables, &folder.path().join("api.log"));
    let client = until_ready(&server, &mut api).await;
    let mut first = Process::start("commandcenter-worker", &["--data-dir", data], &variables, &folder.path().join("worker1.log"));

    let ann = Person::arrives(&server, &client).await;
    let (_, job) = ann.tracks("octo-org", "handbook").await;
    until_running(&ann, job).await;
    let mut second = Process::start("commandcenter-worker", &["--data-dir", data], &variables, &folder.path().join("worker2.log"));
    first.kill();

    let row = ann.awaits(job).await;
    assert_eq!(row["status"], "completed", "{row}");
    assert!(row["attempt"].as_i64().unwrap() >= 2, "{row}");
    assert!(second.is_running());
    assert!(!ann.asks("how do I rotate the signing keys").await["items"].as_array().unwrap().is_empty());
}

async fn until_running(person: &Person, job: i64) {
    let deadline = Instant::now() + JOB;
    loop {
        let row = person.client.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if row["status"] == "running" && row["progress"].as_i64() > Some(0) {
            return;
        }
        assert!(Instant::now() < deadline && row["status"] != "completed", "the job was never seen running: {row}");
        sleep(Duration::from_millis(20)).await;
    }
}
