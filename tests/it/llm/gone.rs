//! Clients that go away before anything was answered: the provider is stopped within a second, and what it had in hand is in the ledger.

use std::time::Duration;

use commandcenter_testkit::{Client, Project, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::held::{Held, Until};
use super::{PROVIDERS, local, start};

const CHAT: &str = "/v1/chat/completions";
/// How soon the provider must be stopped.
const SOON: Duration = Duration::from_secs(1);
/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);

/// A project whose provider keeps its clients waiting; its id too.
async fn ready(until: Until) -> (TestApp, Project, Held, i64) {
    let (app, _, project) = start().await;
    let held = Held::start(until).await;
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", held.url));
    let id = project.post(PROVIDERS, body).await.expect(201)["id"].as_i64().unwrap();
    (app, project, held, id)
}

fn question(is_streamed: bool) -> Value {
    json!({ "model": "local/small", "max_tokens": 20, "stream": is_streamed, "messages": [{ "role": "user", "content": "Hello" }] })
}

/// Asks, goes away once the provider has the question, and gives the row that is written of it.
async fn asked_and_left(project: &Project, held: &Held, (path, body): (&str, Value), times: usize) -> Value {
    let (client, path): (Client, String) = (project.client.clone(), path.to_owned());
    let asking = tokio::spawn(async move { client.post(&path, body).await });
    timeout(LONG, held.is_asked(times)).await.expect("the provider is asked");
    let open = project.get("/api/v1/llm/usage").await.expect(200)["items"][0].clone();
    assert_eq!(open["outcome"], "open");
    let left = Instant::now();
    asking.abort();
    timeout(LONG, held.is_left(times)).await.expect("the provider is stopped");
    assert!(left.elapsed() < SOON, "the provider was stopped after {:?}", left.elapsed());
    loop {
        let row = project.get("/api/v1/llm/usage").await.expect(200)["items"][0].clone();
        if row["outcome"] != "open" {
            return row;
        }
        assert!(left.elapsed() < LONG, "the attempt is settled: {row}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn is_cancelled_and_billed(row: &Value) {
    assert_eq!((&row["outcome"], &row["failure"]), (&json!("cancelled"), &json!("cancelled")), "{row}");
    assert_eq!((&row["estimated"], &row["output_tokens"]), (&json!(true), &json!(0)), "{row}");
    assert!(row["input_tokens"].as_u64().unwrap() > 0 && row["cost_nano"].as_u64().unwrap() > 0, "the provider had the question: {row}");
}

#[tokio::test]
async fn a_client_that_leaves_before_an_answer_stops_the_provider_and_is_billed() {
    let (_app, project, held, id) = ready(Until::Asked).await;
    let vectors = json!({ "model": "local/small", "input": "text" });
    let calls = [
        (CHAT.to_owned(), question(false)),
        (CHAT.to_owned(), question(true)),
        ("/v1/messages".to_owned(), question(false)),
        ("/v1/messages".to_owned(), question(true)),
        ("/v1/embeddings".to_owned(), vectors),
        (format!("{PROVIDERS}/{id}/test"), json!({})),
    ];
    for (times, (path, body)) in (1..).zip(calls) {
        is_cancelled_and_billed(&asked_and_left(&project, &held, (&path, body), times).await);
    }
}

#[tokio::test]
async fn a_client_that_leaves_between_the_head_and_the_first_event_stops_the_provider() {
    let (_app, project, held, _) = ready(Until::Head).await;
    for (times, path) in (1..).zip([CHAT, "/v1/messages"]) {
        is_cancelled_and_billed(&asked_and_left(&project, &held, (path, question(true)), times).await);
    }
}

#[tokio::test]
async fn what_was_reserved_for_a_client_that_left_is_given_back() {
    let (_app, project, held, _) = ready(Until::Asked).await;
    let budget = json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1_000_000_000 });
    project.post(super::BUDGETS, budget).await.expect(201);
    let row = asked_and_left(&project, &held, (CHAT, question(false)), 1).await;
    let budget = project.get(super::BUDGETS).await.expect(200)["items"][0].clone();
    assert_eq!((&budget["spent_nano"], &budget["reserved_nano"]), (&row["cost_nano"], &json!(0)));
}
