//! The commands on the knowledge base and its sources.

use serde_json::json;
use wiremock::matchers::{body_json, header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::run::{Home, answer, api, list};

fn stream(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.to_owned(), "text/event-stream")
}

/// A server that answers a question with these events.
async fn asked(events: &str) -> (MockServer, Home) {
    let server = MockServer::start().await;
    let body = json!({ "question": "how long?", "limit": 8, "mode": "hybrid", "policy": "mark" });
    Mock::given(method("POST"))
        .and(api("/knowledge/ask"))
        .and(header("x-project-id", "7"))
        .and(body_json(body))
        .respond_with(stream(events))
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());
    (server, home)
}

const PASSAGES: &str = "event: passages\ndata: {\"items\":[{\"title\":\"Leases\",\"source\":\"jobs.md\"}]}\n\n";

#[tokio::test]
async fn an_answer_is_shown_with_what_became_of_its_sources() {
    let supported = json!({ "text": "Thirty seconds.", "support": "supported", "citations": [{ "number": 1, "verified": true }] });
    let made_up = json!({ "text": " Or more.\u{1b}[2J", "support": "unsupported", "citations": [] });
    let end = json!({ "outcome": "answered", "supported": 1, "unsupported": 1, "dropped": 0, "model": "local/small" });
    let (_server, home) = asked(&format!(
        ": still here\n\n{PASSAGES}event: statement\ndata: {supported}\n\nevent: statement\ndata: {made_up}\n\nevent: end\ndata: {end}\n\n"
    ))
    .await;
    let people = home.run(&["ask", "how", "long?"]).await.expect(0).out;
    assert!(
        people.starts_with("Thirty seconds. [1] Or more.[2J (unsupported)\n[1] Leases  jobs.md\n1 supported, 1 unsupported"),
        "{people}"
    );
    let programs = home.run(&["knowledge", "ask", "how long?", "--json"]).await.expect(0).json();
    assert_eq!((&programs["statements"][0], &programs["end"]), (&supported, &end));
}

#[tokio::test]
async fn an_answer_that_is_not_whole_fails() {
    let (_server, home) = asked(PASSAGES).await;
    assert!(home.run(&["ask", "how long?"]).await.expect(5).err.contains("broke off"));
    let end = json!({ "outcome": "incomplete", "detail": "cut: gone" });
    let (_server, home) = asked(&format!("{PASSAGES}event: end\ndata: {end}\n\n")).await;
    assert!(home.run(&["ask", "how long?"]).await.expect(1).err.contains("cut: gone"));
    let end = json!({ "outcome": "no_model", "detail": "configure a provider" });
    let (_server, home) = asked(&format!("{PASSAGES}event: end\ndata: {end}\n\n")).await;
    assert!(home.run(&["ask", "how long?"]).await.expect(0).out.contains("[1] Leases  jobs.md\nNo answer in prose: configure a provider"));
}

#[tokio::test]
async fn own_questions_are_judged_from_a_file() {
    let server = MockServer::start().await;
    let body = json!({ "name": "keys", "queries": [{ "query": "x", "judgements": [{ "document_id": 1 }] }] });
    let figures =
        json!({ "ndcg": 0.5, "recall": 1.0, "mrr": 0.5, "difference": { "ndcg": 0.25 }, "mode": "hybrid", "k": 10, "queries": [{}] });
    Mock::given(method("POST"))
        .and(api("/knowledge/evaluations"))
        .and(body_json(&body))
        .respond_with(answer(201, &figures))
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());
    let file = home.path().join("questions.json");
    std::fs::write(&file, body.to_string()).unwrap();
    let people = home.run(&["knowledge", "eval", file.to_str().unwrap()]).await.expect(0).out;
    assert!(people.contains("nDCG    0.5000  (+0.2500)") && people.contains("1 questions, hybrid search"), "{people}");
    std::fs::write(&file, "{").unwrap();
    assert!(home.run(&["knowledge", "eval", file.to_str().unwrap()]).await.expect(2).err.contains("not JSON"));
}

#[tokio::test]
async fn a_page_is_added_by_its_address() {
    let server = MockServer::start().await;
    let body = json!({ "url": "https://docs.example.com/guide", "category": "guides", "tags": ["a", "b"] });
    let accepted = json!({ "document_id": 5, "job_id": 9 });
    Mock::given(method("POST"))
        .and(api("/knowledge/documents/url"))
        .and(body_json(body))
        .respond_with(answer(202, &accepted))
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());
    let add = ["knowledge", "add", "https://docs.example.com/guide", "--category", "guides", "--tags", "a, b", "--no-wait"];
    assert_eq!(home.run(&add).await.expect(0).out.trim(), "https://docs.example.com/guide: document 5, job 9.");
    assert!(home.run(&["knowledge", "add", "ftp://docs.example.com/"]).await.expect(2).err.contains("is not a file"));
}

#[tokio::test]
async fn a_source_is_added_paused_and_listed() {
    let server = MockServer::start().await;
    let body = json!({ "name": "Handbook", "type": "documentation", "url": "https://docs.example.com/", "config": { "max_pages": 5 } });
    let added = json!({ "id": 4, "name": "Handbook" });
    Mock::given(method("POST")).and(api("/ingestion/sources")).and(body_json(body)).respond_with(answer(201, &added)).mount(&server).await;
    let paused = Mock::given(method("PATCH")).and(api("/ingestion/sources/4")).and(body_json(json!({ "enabled": false })));
    paused.respond_with(answer(200, &added)).mount(&server).await;
    let items = list(&json!([{ "id": 4, "name": "Handbook", "type": "documentation", "status": "success", "documents_ingested": 12 }]));
    Mock::given(method("GET")).and(api("/ingestion/sources")).respond_with(answer(200, &items)).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let settings = r#"{"max_pages":5}"#;
    let add = ["sources", "add", "Handbook", "--type", "documentation", "--url", "https://docs.example.com/", "--settings", settings];
    assert!(home.run(&add).await.expect(0).out.contains("commandcenter sources run 4"));
    assert!(home.run(&["sources", "add", "x", "--type", "rss", "--settings", "[]"]).await.expect(2).err.contains("--settings"));
    assert!(home.run(&["sources", "pause", "4"]).await.expect(0).out.contains("paused"));
    assert!(home.run(&["sources", "list"]).await.expect(0).out.contains("Handbook"));
}
