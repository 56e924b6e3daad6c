//! Clients of other services: their dialects, their errors, and one row in the ledger for each attempt, with the key it came with.

use commandcenter_testkit::{Client, Project, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{BUDGETS, PROVIDERS, local, start, with_role};

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";

/// A server that speaks like `OpenAI`, whole and streamed.
async fn upstream() -> MockServer {
    let server = MockServer::start().await;
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
        format!(
            "data: {}\n\n",
            json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [choice] })
        )
    };
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102 });
    let last = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [], "usage": usage });
    let stream = [
        chunk(json!({ "role": "assistant", "content": "Good " }), Value::Null),
        chunk(json!({ "content": "day" }), Value::Null),
        chunk(json!({}), json!("stop")),
        format!("data: {last}\n\ndata: [DONE]\n\n"),
    ];
    let streamed = ResponseTemplate::new(200).set_body_raw(stream.concat(), "text/event-stream");
    let asks = Mock::given(method("POST")).and(path("/v1/chat/completions"));
    asks.and(body_partial_json(json!({ "stream": true }))).respond_with(streamed).with_priority(1).mount(&server).await;
    let message = json!({ "role": "assistant", "content": "Good day" });
    let whole = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }], "usage": usage,
    });
    let whole = ResponseTemplate::new(200).set_body_json(whole);
    Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(whole).with_priority(5).mount(&server).await;
    let vector = json!({ "object": "embedding", "index": 0, "embedding": [0.5, -1.0] });
    let vectors = json!({ "object": "list", "model": "small", "data": [vector], "usage": { "prompt_tokens": 3, "total_tokens": 3 } });
    let vectors = ResponseTemplate::new(200).set_body_json(vectors);
    Mock::given(method("POST")).and(path("/v1/embeddings")).respond_with(vectors).mount(&server).await;
    server
}

/// A project with a provider, and a client that has nothing but an API key of the project.
async fn ready() -> (TestApp, Project, MockServer, Client, i64) {
    let (app, _, project) = start().await;
    let server = upstream().await;
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    project.post(PROVIDERS, body).await.expect(201);
    let key = project.post(&format!("/api/v1/projects/{}/api-keys", project.id), json!({ "name": "sdk" })).await.expect(201);
    let client = app.anonymous().with_token(key["key"].as_str().unwrap());
    let id = key["id"].as_i64().unwrap();
    (app, project, server, client, id)
}

fn question(model: &str) -> Value {
    json!({ "model": model, "max_tokens": 20, "messages": [{ "role": "user", "content": "Hello" }] })
}

fn streamed(model: &str) -> Value {
    let mut body = question(model);
    body["stream"] = json!(true);
    body
}

async fn rows(project: &Project) -> Vec<Value> {
    project.get("/api/v1/llm/usage").await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn chat_completions_are_answered_under_the_key_that_asked() {
    let (_app, project, _server, client, key) = ready().await;
    for model in ["local/small", "small"] {
        let answer = client.post(CHAT, question(model)).await.expect(200);
        assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!(model)));
        assert_eq!(answer["choices"][0]["message"]["content"], "Good day");
        assert_eq!((&answer["choices"][0]["finish_reason"], &answer["usage"]["total_tokens"]), (&json!("stop"), &json!(102)));
    }
    let rows = rows(&project).await;
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((&row["api_key_id"], &row["cause"], &row["outcome"]), (&json!(key), &json!("api"), &json!("complete")));
        assert_eq!((&row["cost_nano"], &row["role"]), (&json!(100 * 150 + 2 * 600), &Value::Null));
    }
    let models = client.get("/v1/models").await.expect(200);
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), &json!("local/small")));
}

#[tokio::test]
async fn a_stream_ends_with_its_mark_and_is_billed() {
    let (_app, project, _server, client, _) = ready().await;
    let reply = client.post(CHAT, streamed("small")).await;
    assert_eq!((reply.status, reply.content_type.as_str()), (200, "text/event-stream"));
    assert!(reply.text.contains("\"content\":\"Good \"") && reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
    let reply = client.post(MESSAGES, streamed("small")).await;
    assert!(reply.text.contains("event: message_start") && reply.text.contains("event: message_stop"), "{}", reply.text);
    for row in rows(&project).await {
        assert_eq!((&row["outcome"], &row["cost_nano"], &row["output_tokens"]), (&json!("complete"), &json!(16_200), &json!(2)));
        assert!(row["first_token_ms"].is_number(), "{row}");
    }
}

#[tokio::test]
async fn messages_take_their_own_header_for_the_key() {
    let (app, project, _server, client, key) = ready().await;
    let text = client.token.clone().unwrap();
    let anonymous = app.anonymous();
    let request = anonymous.request(Method::POST, MESSAGES).header("x-api-key", &text).header("anthropic-version", "2023-06-01");
    let answer = anonymous.send(request.json(&question("small"))).await.expect(200);
    assert_eq!((&answer["type"], &answer["stop_reason"]), (&json!("message"), &json!("end_turn")));
    assert_eq!(answer["content"][0]["text"], "Good day");
    assert_eq!(rows(&project).await[0]["api_key_id"], key);
    let elsewhere = anonymous.request(Method::GET, "/api/v1/llm/usage").header("x-api-key", &text);
    assert_eq!(anonymous.send(elsewhere).await.problem(401), "unauthenticated", "nowhere else is it a credential");
}

#[tokio::test]
async fn a_role_is_called_by_its_name_and_vectors_are_billed_too() {
    let (_app, project, _server, client, _) = ready().await;
    let unset = client.post(CHAT, question("role:critic")).await;
    assert_eq!((unset.status, &unset.body["error"]["code"]), (503, &json!("llm-not-configured")));
    assert!(unset.text.contains("/api/v1/settings/agents/critic"), "{}", unset.text);
    project.put("/api/v1/settings/agents/critic", json!({ "provider": "local", "model_id": "small" })).await.expect(200);
    client.post(CHAT, question("role:critic")).await.expect(200);
    let vectors = client.post("/v1/embeddings", json!({ "model": "small", "input": "text" })).await.expect(200);
    assert_eq!(vectors["data"][0]["embedding"], json!([0.5, -1.0]));
    let rows = rows(&project).await;
    assert_eq!((&rows[1]["role"], &rows[0]["input_tokens"], &rows[0]["cost_nano"]), (&json!("critic"), &json!(3), &json!(450)));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_clients_dialect_with_the_slug() {
    let (app, project, server, client, _) = ready().await;
    let said = |reply: &commandcenter_testkit::Reply| (reply.status, reply.body["error"]["code"].as_str().unwrap_or_default().to_owned());
    let stranger = app.anonymous().post(CHAT, question("small")).await;
    assert_eq!((said(&stranger), &stranger.body["error"]["type"]), ((401, "unauthenticated".into()), &json!("authentication_error")));
    let eve = app.user("eve").await;
    assert_eq!(said(&eve.post(CHAT, question("small")).await), (400, "project-required".into()));
    assert_eq!(said(&eve.in_project(project.id).post(CHAT, question("small")).await), (404, "project-not-found".into()));
    let viewer = with_role(&app, &project, "viewer").await;
    assert_eq!(said(&viewer.post(CHAT, question("small")).await), (403, "role-too-low".into()));
    let unknown = client.post(CHAT, question("large")).await;
    assert_eq!(said(&unknown), (422, "unknown-model".into()));
    assert!(unknown.text.contains("local/small"), "{}", unknown.text);
    let unknown = client.post(MESSAGES, question("large")).await;
    assert_eq!((unknown.status, &unknown.body["type"]), (422, &json!("error")));
    assert!(unknown.text.contains("unknown-model"), "{}", unknown.text);
    assert_eq!(said(&client.post(CHAT, json!({ "model": "small" })).await), (422, "validation".into()));
    assert_eq!(said(&client.post_raw(CHAT, "application/json", "{").await), (400, "malformed-json".into()));
    assert_eq!(said(&client.post_raw(CHAT, "text/plain", "{}").await), (415, "unsupported-media-type".into()));
    let mut long = question("small");
    long["messages"][0]["content"] = json!("word ".repeat(900_000));
    assert_eq!(said(&client.post(CHAT, long).await), (422, "context-too-long".into()), "more than four mebibytes are read and counted");

    let budget = json!({ "name": "tiny", "scope": "project", "period": "day", "limit_nano": 10 });
    project.post(BUDGETS, budget).await.expect(201);
    for path in [CHAT, MESSAGES] {
        for body in [question("small"), streamed("small")] {
            let reply = client.post(path, body).await;
            assert_eq!(said(&reply), (429, "budget-exhausted".into()));
            assert!(reply.text.contains("tiny") && reply.header("retry-after").is_some(), "{}", reply.text);
        }
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn without_a_provider_nothing_is_configured() {
    let (_app, _, project) = start().await;
    let reply = project.post(CHAT, question("small")).await;
    assert_eq!((reply.status, &reply.body["error"]["code"]), (503, &json!("llm-not-configured")));
    assert!(reply.text.contains("/api/v1/settings/providers"), "{}", reply.text);
}
