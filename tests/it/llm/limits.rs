//! Requests and tokens per minute of API keys, as clients see them.

use commandcenter_testkit::{Client, Project, Reply, TestApp};
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{PROVIDERS, local, start, with_role};

const LIMITS: &str = "/api/v1/settings/limits";
const CHAT: &str = "/v1/chat/completions";

/// A project with a model that answers with 102 tokens, and a client with an API key of the project.
async fn ready() -> (TestApp, Project, MockServer, Client, i64) {
    let (app, _, project) = start().await;
    let server = MockServer::start().await;
    let message = json!({ "role": "assistant", "content": "Good day" });
    let whole = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102 },
    });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(whole)).mount(&server).await;
    let mut body = local("local");
    body["base_url"] = json!(format!("{}/v1", server.uri()));
    project.post(PROVIDERS, body).await.expect(201);
    let key = project.post(&format!("/api/v1/projects/{}/api-keys", project.id), json!({ "name": "sdk" })).await.expect(201);
    let client = app.anonymous().with_token(key["key"].as_str().unwrap());
    let id = key["id"].as_i64().unwrap();
    (app, project, server, client, id)
}

fn question() -> Value {
    json!({ "model": "local/small", "max_tokens": 20, "messages": [{ "role": "user", "content": "Hello" }] })
}

/// The header's number.
fn number(reply: &Reply, header: &str) -> Option<u64> {
    reply.header(header)?.parse().ok()
}

#[tokio::test]
async fn a_key_that_used_up_its_requests_is_told_so_in_its_dialect() {
    let (_app, project, server, client, key) = ready().await;
    let set = project.put(&format!("{LIMITS}/{key}"), json!({ "requests_per_minute": 2 })).await.expect(200);
    assert_eq!((&set["api_key_id"], &set["name"], &set["tokens_per_minute"]), (&json!(key), &json!("sdk"), &Value::Null));
    for _ in 0..2 {
        client.post(CHAT, question()).await.expect(200);
    }
    let refused = client.post(CHAT, question()).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (429, &json!("rate-limited")), "{}", refused.text);
    assert_eq!(refused.body["error"]["type"], "rate_limit_error");
    assert!(refused.text.contains("2 requests a minute"), "{}", refused.text);
    let wait = number(&refused, "retry-after").unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!((number(&refused, "ratelimit-limit"), number(&refused, "ratelimit-remaining")), (Some(2), Some(0)));
    assert_eq!(number(&refused, "ratelimit-reset"), Some(wait));
    let refused = client.post("/v1/messages", question()).await;
    assert_eq!((refused.status, &refused.body["error"]["type"]), (429, &json!("rate_limit_error")), "{}", refused.text);
    assert!(refused.text.contains("rate-limited") && refused.header("retry-after").is_some(), "{}", refused.text);
    assert_eq!(server.received_requests().await.unwrap().len(), 2, "who is refused reaches no provider");
    project.post(CHAT, question()).await.expect(200);
    project.delete(&format!("{LIMITS}/{key}")).await.expect(204);
    client.post(CHAT, question()).await.expect(200);
}

#[tokio::test]
async fn tokens_count_as_they_were_used() {
    let (_app, project, _server, client, key) = ready().await;
    project.put(&format!("{LIMITS}/{key}"), json!({ "tokens_per_minute": 1000 })).await.expect(200);
    let mut made = 0;
    let refused = loop {
        let reply = client.post(CHAT, question()).await;
        if reply.status != 200 {
            break reply;
        }
        made += 1;
    };
    assert_eq!((refused.status, &refused.body["error"]["code"]), (429, &json!("rate-limited")), "{}", refused.text);
    assert!(refused.text.contains("1000 tokens a minute"), "{}", refused.text);
    // 102 tokens each, and room for the most that one could take must be left; a slow machine gets some back meanwhile.
    assert!((6..=20).contains(&made), "{made}");
}

#[tokio::test]
async fn limits_are_the_maintainers_to_set() {
    let (app, project, _server, client, key) = ready().await;
    let path = format!("{LIMITS}/{key}");
    assert_eq!(project.delete(&path).await.problem(404), "limits-not-found");
    assert_eq!(project.put(&path, json!({})).await.problem(422), "validation");
    assert_eq!(project.put(&path, json!({ "requests_per_minute": 0, "tokens_per_minute": -1 })).await.problem(422), "validation");
    assert_eq!(project.put(&format!("{LIMITS}/4711"), json!({ "requests_per_minute": 1 })).await.problem(404), "api-key-not-found");
    let member = with_role(&app, &project, "member").await;
    for reply in [member.get(LIMITS).await, member.put(&path, json!({ "requests_per_minute": 1 })).await, member.delete(&path).await] {
        assert_eq!(reply.problem(403), "role-too-low");
    }
    assert_eq!(client.put(&path, json!({ "requests_per_minute": 200_000 })).await.problem(403), "role-too-low", "a key loosens no limit");
    project.put(&path, json!({ "requests_per_minute": 5 })).await.expect(200);
    project.put(&path, json!({ "tokens_per_minute": 500 })).await.expect(200);
    let listed = project.get(LIMITS).await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]["requests_per_minute"]), (&json!(1), &Value::Null));
    assert_eq!(listed["items"][0]["tokens_per_minute"], 500);

    let eve = app.user("eve").await;
    let beta = eve.project("beta").await;
    assert_eq!(beta.put(&path, json!({ "requests_per_minute": 1 })).await.problem(404), "api-key-not-found");
    assert_eq!(beta.get(LIMITS).await.expect(200)["total"], 0);
    assert_eq!(beta.delete(&path).await.problem(404), "limits-not-found");
}
