//! What of the time of an answer was the gateway's own, in a header.

use std::time::Duration;

use commandcenter_testkit::{Project, Reply, TestApp};
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{PROVIDERS, local, start};

const CHAT: &str = "/v1/chat/completions";
/// How long the provider takes: much longer than the gateway, also on a machine that does other things.
const SLOW: Duration = Duration::from_millis(1500);

fn question(is_streamed: bool) -> Value {
    json!({ "model": "local/small", "max_tokens": 20, "stream": is_streamed, "messages": [{ "role": "user", "content": "Hello" }] })
}

/// The header's figure.
#[track_caller]
fn overhead(reply: &Reply) -> Option<f64> {
    let text = reply.header("x-commandcenter-overhead-ms")?;
    assert_eq!(text.split_once('.').map(|(_, decimals)| decimals.len()), Some(3), "{text}");
    Some(text.parse().unwrap())
}

/// A project whose provider takes its time; its id too.
async fn slow(answer: ResponseTemplate) -> (TestApp, Project, MockServer, i64) {
    let (app, _, project) = start().await;
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer.set_delay(SLOW)).mount(&server).await;
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    let id = project.post(PROVIDERS, body).await.expect(201)["id"].as_i64().unwrap();
    (app, project, server, id)
}

/// Asks, and holds what the header says against the time that the whole took.
async fn is_ours(project: &Project, path: &str, body: Value) {
    let asked = Instant::now();
    let reply = project.post(path, body).await;
    let took = asked.elapsed().as_secs_f64() * 1e3;
    let ours = overhead(&reply).unwrap_or_else(|| unreachable!("{path} {}: no header", reply.status));
    let theirs = SLOW.as_secs_f64() * 1e3;
    assert!(took >= theirs, "the provider took its time");
    assert!(ours > 0.0 && ours <= took - theirs, "{path}: {ours} ms of {took} ms were ours, and {theirs} ms were the provider's");
}

#[tokio::test]
async fn the_wait_for_a_provider_is_not_ours() {
    let message = json!({ "role": "assistant", "content": "Good day" });
    let whole = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102 },
    });
    let (_app, project, _server, id) = slow(ResponseTemplate::new(200).set_body_json(whole)).await;
    is_ours(&project, CHAT, question(false)).await;
    is_ours(&project, "/v1/messages", question(false)).await;
    is_ours(&project, &format!("{PROVIDERS}/{id}/test"), json!({})).await;
}

#[tokio::test]
async fn a_stream_tells_what_was_ours_until_its_first_event_and_a_failure_too() {
    let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": "Good day" }, "finish_reason": "stop" }] });
    let stream = ResponseTemplate::new(200).set_body_raw(format!("data: {chunk}\n\ndata: [DONE]\n\n"), "text/event-stream");
    let (_app, project, _server, _) = slow(stream).await;
    is_ours(&project, CHAT, question(true)).await;
    is_ours(&project, "/v1/embeddings", json!({ "model": "local/small", "input": "text" })).await;
}

#[tokio::test]
async fn what_asks_no_model_has_no_such_header() {
    let (app, _, project) = start().await;
    assert_eq!(overhead(&project.get("/api/v1/llm/usage").await), None);
    let asking = project.post("/api/v1/knowledge/ask", json!({ "question": "how long is a lease?", "mode": "keyword" })).await;
    assert_eq!(asking.status, 200, "{}", asking.text);
    assert!(overhead(&asking).is_some(), "what will ask a model tells it too");
    let refused = app.anonymous().post(CHAT, question(false)).await;
    assert_eq!(refused.status, 401);
    assert!(overhead(&refused).is_some(), "every answer of the compatible endpoints tells it");
}
