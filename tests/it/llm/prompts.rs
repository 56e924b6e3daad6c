//! The tools for prompts: what words tell without a model, and what a model says, paid for under the cause `prompt`.

use commandcenter_testkit::Project;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{BUDGETS, PROVIDERS, local, start, with_role};

const CHECK: &str = "/api/v1/prompts/quick-check";
const ANALYZE: &str = "/api/v1/prompts/analyze";
const IMPROVE: &str = "/api/v1/prompts/improve";

fn prompt() -> Value {
    json!({ "prompt": "Tell me something about whales, briefly and in detail." })
}

fn said(overall: u8, improved: Option<&str>) -> Value {
    let issue = json!({ "type": "conflict", "severity": "high", "description": "brief and long", "suggestion": "choose" });
    let scores = json!({ "clarity": 40, "structure": 50, "completeness": 30, "intent_clarity": 69, "overall": overall });
    let mut said = json!({ "issues": [issue], "scores": scores, "summary": "It wants two things." });
    if let Some(improved) = improved {
        said["improved"] = json!(improved);
    }
    said
}

/// A server that says these things one after another, the last for good, as the model of the role.
async fn model(project: &Project, says: &[Value]) -> MockServer {
    let server = MockServer::start().await;
    for (at, said) in says.iter().enumerate() {
        let message = json!({ "role": "assistant", "content": said.to_string() });
        let answer = json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": "small-2026",
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100 },
        });
        let mock =
            Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(ResponseTemplate::new(200).set_body_json(answer));
        let mock = mock.with_priority(u8::try_from(at).unwrap() + 1);
        let mock = if at + 1 < says.len() { mock.up_to_n_times(1) } else { mock };
        mock.mount(&server).await;
    }
    let mut provider = local("local");
    provider["base_url"] = json!(format!("{}/v1", server.uri()));
    project.post(PROVIDERS, provider).await.expect(201);
    project.put("/api/v1/settings/agents/prompt", json!({ "provider": "local", "model_id": "small" })).await.expect(200);
    server
}

#[tokio::test]
async fn words_are_looked_at_without_a_model_and_by_everybody_in_the_project() {
    let (app, _, project) = start().await;
    let found = with_role(&app, &project, "viewer").await.post(CHECK, prompt()).await.expect(200);
    assert_eq!((&found["has_role"], &found["has_output_format"], &found["has_constraints"]), (&json!(false), &json!(false), &json!(false)));
    assert_eq!(found["word_count"], 9);
    assert_eq!(found["potential_conflicts"].as_array().unwrap().len(), 1, "{found}");
    assert!(found["suggestions"].as_array().unwrap().len() >= 3, "{found}");
    assert_eq!(project.get("/api/v1/llm/usage").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_prompt_that_is_none_is_refused_by_its_field() {
    let (_app, _, project) = start().await;
    for path in [CHECK, ANALYZE, IMPROVE] {
        for body in [json!({ "prompt": "  too few   " }), json!({ "prompt": "x".repeat(50_001) }), json!({ "prompt": 1 }), json!({})] {
            let reply = project.post(path, body.clone()).await;
            assert_eq!(reply.problem(422), "validation", "{path}: {}", reply.text);
            assert_eq!(reply.body["errors"][0]["field"], "prompt", "{path}: {}", reply.text);
        }
        let extra = json!({ "prompt": "Tell me about whales", "model": "small" });
        assert_eq!(project.post(path, extra).await.problem(422), "validation");
    }
}

#[tokio::test]
async fn without_a_model_it_is_said_what_to_configure_and_nothing_is_made_up() {
    let (_app, _, project) = start().await;
    for path in [ANALYZE, IMPROVE] {
        assert_eq!(project.post(path, prompt()).await.problem(503), "llm-not-configured");
    }
    project.post(PROVIDERS, local("local")).await.expect(201);
    for path in [ANALYZE, IMPROVE] {
        let reply = project.post(path, prompt()).await;
        assert_eq!(reply.problem(503), "llm-not-configured");
        assert!(reply.text.contains("/api/v1/settings/agents/prompt"), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_model_analyses_and_is_paid_for() {
    let (app, ann, project) = start().await;
    let _server = model(&project, &[said(45, None)]).await;
    let found = project.post(ANALYZE, prompt()).await.expect(200);
    assert_eq!((&found["issues"][0]["type"], &found["issues"][0]["severity"]), (&json!("conflict"), &json!("high")));
    assert_eq!((&found["scores"]["overall"], &found["intent_unclear"], &found["improved"]), (&json!(45), &json!(true), &Value::Null));
    assert_eq!((&found["model"], &found["cost_nano"]), (&json!("local/small-2026"), &json!(1000 * 150 + 100 * 600)));
    let row = project.get("/api/v1/llm/usage").await.expect(200)["items"][0].clone();
    assert_eq!((&row["cause"], &row["role"], &row["user_id"]), (&json!("prompt"), &json!("prompt"), &json!(ann.id)));
    assert_eq!(row["cost_nano"], found["cost_nano"]);

    let viewer = with_role(&app, &project, "viewer").await;
    for path in [ANALYZE, IMPROVE] {
        assert_eq!(viewer.post(path, prompt()).await.problem(403), "role-too-low");
    }
    let budget = json!({ "name": "prompts", "scope": "cause", "cause": "prompt", "period": "day", "limit_nano": 1 });
    project.post(BUDGETS, budget).await.expect(201);
    assert_eq!(project.post(ANALYZE, prompt()).await.problem(429), "budget-exhausted");
}

#[tokio::test]
async fn a_rewritten_prompt_that_is_not_good_enough_is_rewritten_again() {
    let (_app, _, project) = start().await;
    let _server = model(&project, &[said(60, Some("first")), said(85, Some("second"))]).await;
    let found = project.post(IMPROVE, prompt()).await.expect(200);
    assert_eq!((&found["improved"], &found["scores"]["overall"], &found["cost_nano"]), (&json!("second"), &json!(85), &json!(2 * 210_000)));
    assert_eq!(project.get("/api/v1/llm/usage?cause=prompt").await.expect(200)["total"], 2);
    let found = project.post(IMPROVE, prompt()).await.expect(200);
    assert_eq!((&found["improved"], &found["cost_nano"]), (&json!("second"), &json!(210_000)), "it is good enough at once now");
}

#[tokio::test]
async fn a_model_that_says_something_else_twice_is_no_answer() {
    let (_app, _, project) = start().await;
    let _server = model(&project, &[json!({ "summary": "fine" })]).await;
    assert_eq!(project.post(ANALYZE, prompt()).await.problem(502), "schema-mismatch");
}
