//! The death of a worker in the middle of a change of the embedding model, against the real binaries on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use commandcenter_testkit::{Backend, Client, EmbeddingServer, TestDb};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long a step may take, the lapse of a lease included.
const STEP: Duration = Duration::from_mins(1);

fn start(binary: &str, arguments: &[&str], (folder, database): (&Path, &TestDb), name: &str) -> Process {
    let data = folder.join("data");
    let arguments = [&["--data-dir", data.to_str().unwrap()], arguments].concat();
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_NET__ALLOW_PRIVATE", "127.0.0.0/8"),
        ("COMMANDCENTER_JOBS__LEASE", "2s"),
    ];
    Process::start(binary, &arguments, &variables, &folder.join(format!("{name}.log")))
}

async fn until(client: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + STEP;
    loop {
        let row = client.get(path).await.expect(200);
        if wanted(&row) {
            return row;
        }
        assert!(Instant::now() < deadline, "never as wanted: {row}");
        sleep(Duration::from_millis(25)).await;
    }
}

async fn change(client: &Client, alias: &str) -> String {
    let body = json!({ "embedding": { "provider": alias, "model": "words" } });
    let reply = client.put("/api/v1/knowledge/settings", body).await.expect(202);
    format!("/api/v1/jobs/{}", reply["change"]["job_id"])
}

#[tokio::test]
async fn a_change_of_the_model_whose_worker_is_killed_goes_on_where_it_stopped() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
    let (small, large) = (EmbeddingServer::start(64).await, EmbeddingServer::start(96).await);
    let bind = format!("127.0.0.1:{}", free_port());
    let mut api = start("commandcenter-api", &["--bind", &bind], (folder.path(), &database), "api");
    let client = until_ready(&format!("http://{bind}"), &mut api).await;
    let client = project(&client).await;
    let mut first = start("commandcenter-worker", &[], (folder.path(), &database), "first");
    for (alias, server) in [("small", &small), ("large", &large)] {
        let models = json!([{ "name": "words", "input_nano_per_million": 0, "output_nano_per_million": 0, "context_window": 8192 }]);
        let body = json!({ "alias": alias, "dialect": "openai", "base_url": server.base_url(), "api_key": "sk-test", "models": models });
        client.post("/api/v1/settings/providers", body).await.expect(201);
    }
    until(&client, &change(&client, "small").await, |job| job["status"] == "completed").await;
    let section = |n| format!("## Pond {n}\n\n{} heron{n} waits\n\n", "water reeds and mud ".repeat(15));
    let text: String = (0..200).map(section).collect();
    let accepted = client.upload("/api/v1/knowledge/documents", ("a.md", text.into_bytes()), &[("category", "ponds")]).await.expect(202);
    until(&client, &format!("/api/v1/jobs/{}", accepted["job_id"]), |job| job["status"] == "completed").await;
    let passages = client.get("/api/v1/knowledge/statistics").await.expect(200)["total_chunks"].as_u64().unwrap();
    assert!(passages > 150, "{passages}");

    // One answer is the probe's; one part is embedded, the next is asked for.
    large.permit(2);
    let job = change(&client, "large").await;
    let deadline = Instant::now() + STEP;
    while large.texts().len() <= 65 {
        assert!(Instant::now() < deadline, "the job never came to its second part");
        sleep(Duration::from_millis(25)).await;
    }
    first.kill();
    let answer = client.post("/api/v1/knowledge/query", json!({ "query": "heron77", "mode": "vector" })).await.expect(200);
    assert_eq!((&answer["mode_used"], small.texts().iter().filter(|text| *text == "heron77").count()), (&json!("vector"), 1));
    large.open();
    let _second = start("commandcenter-worker", &[], (folder.path(), &database), "second");

    let row = until(&client, &job, |job| job["status"] == "completed").await;

    assert_eq!(row["attempt"], 2, "{row}");
    let numbers = client.get("/api/v1/knowledge/statistics").await.expect(200);
    assert_eq!((&numbers["embedding_model"], &numbers["embedded_chunks"]), (&json!("large/words"), &json!(passages)));
    let asked = u64::try_from(large.texts().len()).unwrap() - 1;
    assert!(asked <= passages + 64, "only the part that the death cut off is asked for again: {asked} of {passages}");
}
