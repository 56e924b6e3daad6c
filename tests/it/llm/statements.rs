//! What a call costs the database, and that settings which are kept in memory hold at once.

use commandcenter_testkit::{Client, Project, TestApp};
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{BUDGETS, PROVIDERS, local, start};

const CHAT: &str = "/v1/chat/completions";
/// Whose key it is, whether it is limited, budgets, the attempt's row, its end.
const STATEMENTS: usize = 5;
/// Beside those, for one budget: its counter is drawn from, and given back to; and the first looks at the attempt's end without it.
const OF_A_BUDGET: usize = 3;

async fn answering() -> MockServer {
    let server = MockServer::start().await;
    let message = json!({ "role": "assistant", "content": "Good day" });
    let whole = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102 },
    });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(whole)).mount(&server).await;
    server
}

fn provider(server: &MockServer, alias: &str) -> Value {
    let mut body = local(alias);
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    body
}

async fn ready() -> (TestApp, Project, MockServer, Client, String) {
    let (app, _, project) = start().await;
    let server = answering().await;
    let id = project.post(PROVIDERS, provider(&server, "local")).await.expect(201)["id"].clone();
    project.put("/api/v1/settings/agents/critic", json!({ "provider": "local", "model_id": "small" })).await.expect(200);
    let key = project.post(&format!("/api/v1/projects/{}/api-keys", project.id), json!({ "name": "sdk" })).await.expect(201);
    let client = app.anonymous().with_token(key["key"].as_str().unwrap());
    (app, project, server, client, format!("{PROVIDERS}/{id}"))
}

fn question(model: &str) -> Value {
    json!({ "model": model, "max_tokens": 20, "messages": [{ "role": "user", "content": "Hello" }] })
}

/// The fewest statements of several calls: now and then one reads the settings anew.
async fn fewest(app: &TestApp, client: &Client, model: &str) -> usize {
    let mut fewest = usize::MAX;
    for _ in 0..8 {
        let (statements, reply) = app.call_statements_of(client.post(CHAT, question(model))).await;
        reply.expect(200);
        fewest = fewest.min(statements);
    }
    fewest
}

#[tokio::test]
async fn a_call_costs_the_database_few_statements() {
    let (app, project, _server, client, _) = ready().await;
    assert_eq!(fewest(&app, &client, "local/small").await, STATEMENTS);
    assert_eq!(fewest(&app, &client, "role:critic").await, STATEMENTS, "a role costs no more than a name");
    let budget = json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1_000_000_000 });
    project.post(BUDGETS, budget).await.expect(201);
    assert_eq!(fewest(&app, &client, "local/small").await, STATEMENTS + OF_A_BUDGET);
}

#[tokio::test]
async fn what_is_set_holds_for_the_next_call() {
    let (_app, project, server, client, path) = ready().await;
    let cost = async || {
        client.post(CHAT, question("role:critic")).await.expect(200);
        project.get("/api/v1/llm/usage").await.expect(200)["items"][0]["cost_nano"].clone()
    };
    assert_eq!(cost().await, 100 * 150 + 2 * 600);
    let price = json!({ "name": "small", "input_nano_per_million": 1_000_000, "output_nano_per_million": 0, "context_window": 8192 });
    project.patch(&path, json!({ "models": [price] })).await.expect(200);
    assert_eq!(cost().await, 100);
    let given =
        json!({ "provider": "local", "model": "small", "input_nano_per_million": 2_000_000, "output_nano_per_million": 0, "source": "x" });
    project.post("/api/v1/llm/prices", given).await.expect(201);
    assert_eq!(cost().await, 200);
    project.post(PROVIDERS, provider(&server, "other")).await.expect(201);
    project.put("/api/v1/settings/agents/critic", json!({ "provider": "other", "model_id": "small" })).await.expect(200);
    assert_eq!(cost().await, 100 * 150 + 2 * 600);
    project.patch(&path, json!({ "enabled": false })).await.expect(200);
    let refused = client.post(CHAT, question("local/small")).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (422, &json!("unknown-model")));
    project.delete("/api/v1/settings/agents/critic").await.expect(204);
    assert_eq!(client.post(CHAT, question("role:critic")).await.status, 503);
    project.delete(&path).await.expect(204);
    let models = client.get("/v1/models").await.expect(200);
    assert_eq!(models["data"].as_array().unwrap().len(), 1);
}
