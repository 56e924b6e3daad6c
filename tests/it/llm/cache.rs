//! Answers that are kept for those who ask for it, and for nobody else.

use commandcenter_testkit::{Client, Project, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{PROVIDERS, local, start, with_role};

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";
const CACHE: &str = "/api/v1/llm/cache";

fn chunk(delta: &Value, finish: &Value) -> String {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
    format!("data: {}\n\n", json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [choice] }))
}

/// A model that answers whole and streamed; what asks for `cut` is broken off, and what asks for `no` refused.
async fn upstream() -> MockServer {
    let server = MockServer::start().await;
    let asks = |text: &str| Mock::given(method("POST")).and(body_partial_json(json!({ "messages": [{ "content": text }] })));
    let head = chunk(&json!({ "role": "assistant", "content": "Good " }), &Value::Null);
    let cut = ResponseTemplate::new(200).set_body_raw(head.clone(), "text/event-stream");
    asks("cut").respond_with(cut).with_priority(1).mount(&server).await;
    let refusal = ResponseTemplate::new(400).set_body_json(json!({ "error": { "message": "no" } }));
    asks("no").respond_with(refusal).with_priority(1).mount(&server).await;
    let whole = [head, chunk(&json!({ "content": "day" }), &Value::Null), chunk(&json!({}), &json!("stop"))].concat();
    let streamed = ResponseTemplate::new(200).set_body_raw(format!("{whole}data: [DONE]\n\n"), "text/event-stream");
    let stream = Mock::given(method("POST")).and(body_partial_json(json!({ "stream": true })));
    stream.respond_with(streamed).with_priority(2).mount(&server).await;
    let message = json!({ "role": "assistant", "content": "Good day" });
    let answer = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102 },
    });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(answer)).with_priority(3).mount(&server).await;
    server
}

async fn ready() -> (TestApp, Project, MockServer) {
    let (app, _, project) = start().await;
    let server = upstream().await;
    set_up(&project, &server).await;
    (app, project, server)
}

async fn set_up(project: &Project, server: &MockServer) {
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    project.post(PROVIDERS, body).await.expect(201);
}

fn question(text: &str, is_streamed: bool) -> Value {
    json!({ "model": "local/small", "max_tokens": 20, "stream": is_streamed, "messages": [{ "role": "user", "content": text }] })
}

/// Asks with the header.
async fn kept(client: &Client, path: &str, body: Value, seconds: &str) -> Reply {
    client.send(client.request(Method::POST, path).header("x-commandcenter-cache", seconds).json(&body)).await
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn mark(reply: &Reply) -> Option<&str> {
    reply.header("x-commandcenter-cache")
}

#[tokio::test]
async fn the_same_question_is_paid_for_once_whatever_the_dialect_and_the_order_of_fields() {
    let (_app, project, server) = ready().await;
    let first = kept(&project, CHAT, question("Hello", false), "60").await;
    assert_eq!((first.status, mark(&first), asked(&server).await), (200, Some("miss"), 1), "{}", first.text);
    let again = kept(&project, CHAT, question("Hello", false), "60").await;
    assert_eq!((again.status, mark(&again), asked(&server).await), (200, Some("hit"), 1), "{}", again.text);
    assert_eq!(again.body["choices"], first.body["choices"]);
    assert_eq!((&again.body["usage"], &again.body["commandcenter"]["cached"]), (&first.body["usage"], &json!(true)));
    let other = kept(&project, MESSAGES, question("Hello", false), "60").await;
    assert_eq!((mark(&other), &other.body["content"][0]["text"]), (Some("hit"), &json!("Good day")), "{}", other.text);
    let turned = r#"{"messages":[{"content":"Hello","role":"user"}],"max_tokens":20,"model":"local/small"}"#;
    let reply = kept(&project, CHAT, serde_json::from_str(turned).unwrap(), "60").await;
    assert_eq!((mark(&reply), asked(&server).await), (Some("hit"), 1));

    let rows = project.get("/api/v1/llm/usage").await.expect(200)["items"].clone();
    let outcomes: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["cached", "cached", "cached", "complete"]);
    for field in ["cost_nano", "input_tokens", "output_tokens"] {
        assert_eq!(rows[0][field], 0, "{field}");
    }
    let figures = project.get(CACHE).await.expect(200);
    assert!(figures["answers"] == 1 && figures["bytes"].as_u64().unwrap() > 0, "{figures}");
    let mut warmer = question("Hello", false);
    warmer["temperature"] = json!(0.5);
    assert_eq!((mark(&kept(&project, CHAT, warmer, "60").await), asked(&server).await), (Some("miss"), 2));
}

#[tokio::test]
async fn a_kept_answer_is_streamed_as_it_was_told_and_a_streamed_one_is_kept() {
    let (_app, project, server) = ready().await;
    let first = kept(&project, CHAT, question("Hello", true), "60").await;
    assert_eq!((mark(&first), first.text.ends_with("data: [DONE]\n\n")), (Some("miss"), true), "{}", first.text);
    let again = kept(&project, CHAT, question("Hello", true), "60").await;
    assert_eq!((mark(&again), asked(&server).await), (Some("hit"), 1), "{}", again.text);
    assert!(again.text.contains("\"content\":\"Good day\"") && again.text.ends_with("data: [DONE]\n\n"), "{}", again.text);
    let whole = kept(&project, CHAT, question("Hello", false), "60").await;
    assert_eq!((mark(&whole), &whole.body["choices"][0]["message"]["content"]), (Some("hit"), &json!("Good day")));
    let message = kept(&project, MESSAGES, question("Hello", true), "60").await;
    assert!(mark(&message) == Some("hit") && message.text.contains("event: message_stop"), "{}", message.text);
    assert_eq!(asked(&server).await, 1);
}

#[tokio::test]
async fn what_broke_off_or_failed_is_asked_for_again() {
    let (_app, project, server) = ready().await;
    for times in 1..3 {
        let cut = kept(&project, CHAT, question("cut", true), "60").await;
        assert!(mark(&cut) == Some("miss") && !cut.text.contains("[DONE]"), "{}", cut.text);
        assert_eq!(asked(&server).await, 2 * times - 1);
        let refused = kept(&project, CHAT, question("no", false), "60").await;
        assert_eq!((refused.status, mark(&refused), asked(&server).await), (502, None, 2 * times));
    }
    assert_eq!(project.get(CACHE).await.expect(200)["answers"], 0);
}

#[tokio::test]
async fn who_does_not_ask_for_a_kept_answer_neither_gets_nor_leaves_one() {
    let (app, project, server) = ready().await;
    let plain = project.post(CHAT, question("Hello", false)).await;
    assert_eq!((plain.status, mark(&plain)), (200, None));
    assert_eq!(mark(&kept(&project, CHAT, question("Hello", false), "60").await), Some("miss"));
    assert_eq!(mark(&project.post(CHAT, question("Hello", false)).await), None);
    assert_eq!(asked(&server).await, 3);
    for wrong in ["0", "soon", "2592001"] {
        let reply = kept(&project, CHAT, question("Hello", false), wrong).await;
        assert_eq!((reply.status, &reply.body["error"]["code"]), (422, &json!("validation")), "{wrong}");
    }

    let eve = app.user("eve").await;
    let beta = eve.project("beta").await;
    set_up(&beta, &server).await;
    assert_eq!(mark(&kept(&beta, CHAT, question("Hello", false), "60").await), Some("miss"), "another project's answers are its own");
    assert_eq!(with_role(&app, &project, "member").await.delete(CACHE).await.problem(403), "role-too-low");
    beta.delete(CACHE).await.expect(204);
    assert_eq!(mark(&kept(&project, CHAT, question("Hello", false), "60").await), Some("hit"));
    project.delete(CACHE).await.expect(204);
    assert_eq!(mark(&kept(&project, CHAT, question("Hello", false), "60").await), Some("miss"));
}
