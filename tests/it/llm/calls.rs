//! A provider that is tried through the gateway: what it costs is in the ledger, and a budget that cannot bear it refuses.

use commandcenter_testkit::Project;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{BUDGETS, KEY, PROVIDERS, local, start};

/// A server that speaks like `OpenAI`, for this key only.
async fn upstream() -> MockServer {
    let server = MockServer::start().await;
    let answer = json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "small-2026",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Yes" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010 },
    });
    let known = Mock::given(method("POST")).and(path("/v1/chat/completions")).and(header("authorization", format!("Bearer {KEY}")));
    known.respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&server).await;
    let refusal = json!({ "error": { "message": format!("Incorrect API key provided: {KEY}-wrong"), "type": "invalid_request_error" } });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(401).set_body_json(refusal)).with_priority(9).mount(&server).await;
    server
}

async fn provider(project: &Project, server: &MockServer, key: &str) -> String {
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    body["api_key"] = json!(key);
    let made = project.post(PROVIDERS, body).await.expect(201);
    format!("{PROVIDERS}/{}/test", made["id"])
}

async fn newest(project: &Project) -> Value {
    project.get("/api/v1/llm/usage").await.expect(200)["items"][0].clone()
}

#[tokio::test]
async fn a_provider_that_answers_is_billed_by_its_own_count() {
    let (_app, ann, project) = start().await;
    let server = upstream().await;
    let test = provider(&project, &server, KEY).await;
    let budget = json!({ "name": "b", "scope": "user", "user_id": ann.id, "period": "day", "limit_nano": 1_000_000_000 });
    project.post(BUDGETS, budget).await.expect(201);
    let tested = project.post(&test, json!({})).await.expect(200);
    // 1000 tokens at 150 nano-dollars and 10 at 600.
    assert_eq!((&tested["ok"], &tested["model"], &tested["cost_nano"]), (&json!(true), &json!("small-2026"), &json!(156_000)));
    let row = newest(&project).await;
    for (field, value) in [
        ("cause", json!("connection_test")),
        ("outcome", json!("complete")),
        ("provider", json!("local")),
        ("model", json!("small")),
        ("user_id", json!(ann.id)),
        ("input_tokens", json!(1000)),
        ("output_tokens", json!(10)),
        ("estimated", json!(false)),
        ("cost_nano", json!(156_000)),
    ] {
        assert_eq!(row[field], value, "{field}: {row}");
    }
    let budget = project.get(BUDGETS).await.expect(200)["items"][0].clone();
    assert_eq!((&budget["spent_nano"], &budget["reserved_nano"]), (&json!(156_000), &json!(0)));
    assert_eq!(project.post(&test, json!({ "model": "other" })).await.problem(409), "provider-without-model");
}

#[tokio::test]
async fn a_key_that_is_rejected_is_named_and_not_shown() {
    let (_app, _, project) = start().await;
    let server = upstream().await;
    let wrong = format!("{KEY}-wrong");
    let test = provider(&project, &server, &wrong).await;
    let reply = project.post(&test, json!({})).await;
    assert_eq!(reply.problem(502), "provider-rejected-key");
    assert!(!reply.text.contains(&wrong), "{}", reply.text);
    let row = newest(&project).await;
    assert_eq!((&row["outcome"], &row["failure"], &row["cost_nano"]), (&json!("failed"), &json!("rejected_key"), &json!(0)));
}

#[tokio::test]
async fn a_budget_that_cannot_bear_a_call_refuses_it_before_it_is_made() {
    let (_app, _, project) = start().await;
    let server = upstream().await;
    let test = provider(&project, &server, KEY).await;
    let budget = json!({ "name": "tiny", "scope": "project", "period": "day", "limit_nano": 100 });
    project.post(BUDGETS, budget).await.expect(201);
    let reply = project.post(&test, json!({})).await;
    assert_eq!(reply.problem(429), "budget-exhausted");
    assert!(reply.text.contains("tiny") && reply.header("retry-after").is_some(), "{}", reply.text);
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    assert_eq!(project.get("/api/v1/llm/usage").await.expect(200)["total"], 0);
}
