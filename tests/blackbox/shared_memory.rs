//! What two processes remember together in Redis, and what becomes of it when Redis is gone.

use std::path::Path;
use std::time::Duration;

use commandcenter_testkit::{Backend, Client, EmbeddingServer, Gate, TestDb, redis_url};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

const STEP: Duration = Duration::from_mins(1);

/// A process that serves and works, on a database and a Redis that it shares.
async fn start((folder, database, redis): (&Path, &TestDb, &str), name: &str) -> (Process, Client) {
    let (data, bind) = (folder.join(name), format!("127.0.0.1:{}", free_port()));
    let arguments = ["up", "--data-dir", data.to_str().unwrap(), "--bind", &bind];
    let variables = [("DATABASE_URL", database.url.as_str()), ("SECRET_KEY", SECRET), ("REDIS_URL", redis)];
    let mut process = Process::start("commandcenter", &arguments, &variables, &folder.join(format!("{name}.log")));
    let client = until_ready(&format!("http://{bind}"), &mut process).await;
    (process, client)
}

async fn completed(client: &Client, job: &Value) {
    let deadline = Instant::now() + STEP;
    loop {
        let row = client.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if row["status"] == "completed" {
            return;
        }
        assert!(Instant::now() < deadline, "never completed: {row}");
        sleep(Duration::from_millis(25)).await;
    }
}

async fn taken_in(client: &Client, name: &str, text: &str) {
    let file = (name, text.as_bytes().to_vec());
    let accepted = client.upload("/api/v1/knowledge/documents", file, &[("category", "birds")]).await.expect(202);
    completed(client, &accepted["job_id"]).await;
}

async fn ask(client: &Client, query: &str) -> Value {
    client.post("/api/v1/knowledge/query", json!({ "query": query, "mode": "vector" })).await.expect(200)
}

/// Answers that were kept from before, in memory or together with others.
async fn kept(client: &Client) -> f64 {
    let metrics = client.try_get("/metrics").await.unwrap().text;
    let line = metrics.lines().find(|line| line.starts_with("commandcenter_retrieval_results_total") && line.contains("\"shared\""));
    line.map_or(0.0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn two_processes_remember_together_until_something_is_written_and_apart_without_redis() {
    let Some(redis) = redis_url() else { return };
    let (mut gate, redis) = Gate::before_redis(&redis).await;
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
    let server = EmbeddingServer::start(64).await;
    let (_first, one) = start((folder.path(), &database, &redis), "one").await;
    let one = project(&one).await;
    let (_second, two) = start((folder.path(), &database, &redis), "two").await;
    let two = two.with_token(one.token.as_deref().unwrap()).in_project(1);
    let models = json!([{ "name": "words", "input_nano_per_million": 0, "output_nano_per_million": 0, "context_window": 8192 }]);
    let body = json!({ "alias": "ours", "dialect": "openai", "base_url": server.base_url(), "api_key": "sk-test", "models": models });
    one.post("/api/v1/settings/providers", body).await.expect(201);
    let body = json!({ "embedding": { "provider": "ours", "model": "words" } });
    let change = one.put("/api/v1/knowledge/settings", body).await.expect(202)["change"]["job_id"].clone();
    completed(&one, &change).await;
    taken_in(&one, "a.txt", "A heron stood in the reeds.").await;

    let first = ask(&one, "which heron stood there?").await;
    assert_eq!((&first["mode_used"], server.asked("which heron")), (&json!("vector"), 1));
    // What is kept is kept a moment later.
    let deadline = Instant::now() + STEP;
    while kept(&two).await < 1.0 {
        assert_eq!(ask(&two, "which heron stood there?").await["items"], first["items"]);
        assert!(Instant::now() < deadline, "nothing is shared");
    }
    assert!(server.asked("which heron") <= 2);
    let asked = server.asked("which heron");

    taken_in(&two, "b.txt", "Another heron stood there, which was grey.").await;
    assert_eq!(ask(&one, "which heron stood there?").await["items"].as_array().unwrap().len(), 2, "a write ends what was remembered");
    assert_eq!(ask(&two, "which heron stood there?").await["items"].as_array().unwrap().len(), 2);
    assert_eq!(server.asked("which heron"), asked, "but not the vector of the question");

    gate.shut().await;
    let began = Instant::now();
    for query in ["a heron without redis", "another heron without redis"] {
        assert_eq!(ask(&one, query).await["items"].as_array().unwrap().len(), 2);
        assert_eq!(ask(&one, query).await["degraded"], false);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
