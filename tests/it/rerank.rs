//! Hits in the order of a model that reads them, within a budget of time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::knowledge::{ask, start, taken_in};

/// How the server grades.
#[derive(Clone, Copy)]
enum Manner {
    /// Ten for a passage that holds `bittern`, one for others.
    Right,
    /// The same, late.
    Late(Duration),
    /// A grade too few.
    Short,
    /// Prose.
    Prose,
}

#[derive(Clone)]
struct Grader(Arc<Mutex<(Manner, usize)>>);

impl Grader {
    fn be(&self, manner: Manner) {
        self.0.lock().unwrap().0 = manner;
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl Respond for Grader {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let manner = {
            let mut state = self.0.lock().unwrap();
            state.1 += 1;
            state.0
        };
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let read = body["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
        let mut grades: Vec<u8> = read.split("<passage").skip(1).map(|text| if text.contains("bittern") { 10 } else { 1 }).collect();
        if matches!(manner, Manner::Short) {
            grades.pop();
        }
        let content =
            if matches!(manner, Manner::Prose) { "I like the second.".to_owned() } else { json!({ "grades": grades }).to_string() };
        let message = json!({ "role": "assistant", "content": content });
        let usage = json!({ "prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109 });
        let answer = ResponseTemplate::new(200).set_body_json(json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": "small",
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }], "usage": usage,
        }));
        if let Manner::Late(delay) = manner { answer.set_delay(delay) } else { answer }
    }
}

/// A project whose words put the herons before the bittern.
async fn birds() -> (TestApp, Project) {
    let (app, project) = start().await;
    taken_in(&project, "a.txt", "heron heron heron").await;
    taken_in(&project, "b.txt", "A heron and a stork and one more heron.").await;
    taken_in(&project, "c.txt", "There was a heron, and many others, and then in the reeds by the water there stood a bittern.").await;
    (app, project)
}

async fn graded(project: &Project) -> (MockServer, Grader) {
    let (server, grader) = (MockServer::start().await, Grader(Arc::new(Mutex::new((Manner::Right, 0)))));
    Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(grader.clone()).mount(&server).await;
    let model = json!({ "name": "small", "input_nano_per_million": 1_000_000, "output_nano_per_million": 0, "context_window": 16384 });
    let base_url = format!("{}/v1", server.uri());
    let body = json!({ "alias": "local", "dialect": "openai", "base_url": base_url, "api_key": "sk-test", "models": [model] });
    project.post("/api/v1/settings/providers", body).await.expect(201);
    project.put("/api/v1/settings/agents/rerank", json!({ "provider": "local", "model_id": "small" })).await.expect(200);
    (server, grader)
}

fn question() -> Value {
    json!({ "query": "heron", "mode": "keyword", "rerank": true, "explain": true })
}

fn titles(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn without_a_model_the_order_stays_and_the_answer_says_what_to_configure() {
    let (_app, project) = birds().await;
    let plain = ask(&project, json!({ "query": "heron", "mode": "keyword" })).await;
    assert_eq!(plain["rerank"], json!(null));
    let answer = ask(&project, question()).await;
    assert_eq!(titles(&answer), titles(&plain));
    assert_eq!((&answer["rerank"]["applied"], &answer["rerank"]["model"]), (&json!(false), &json!(null)));
    assert!(answer["rerank"]["reason"].as_str().unwrap().contains("/api/v1/settings/providers"), "{answer}");
    for (budget, rerank) in [(10, true), (60_000, true), (500, false)] {
        let body = json!({ "query": "heron", "rerank": rerank, "rerank_budget_ms": budget });
        let reply = project.post("/api/v1/knowledge/query", body).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], "rerank_budget_ms", "{}", reply.text);
    }
}

#[tokio::test]
async fn the_model_puts_hits_in_its_order_and_is_paid_once() {
    let (_app, project) = birds().await;
    let before = titles(&ask(&project, json!({ "query": "heron", "mode": "keyword" })).await).join(" ");
    assert!(before.ends_with("c.txt"), "{before}");
    let (_server, grader) = graded(&project).await;
    for _ in 0..2 {
        let answer = ask(&project, question()).await;
        assert_eq!(format!("c.txt {}", before.trim_end_matches(" c.txt")), titles(&answer).join(" "));
        assert_eq!((&answer["rerank"]["applied"], &answer["rerank"]["model"]), (&json!(true), &json!("local/small")));
        let explain = &answer["items"][0]["explain"];
        assert_eq!((&explain["grade"], &explain["fused_rank"]), (&json!(10), &json!(3)), "{explain}");
    }
    assert_eq!(grader.asked(), 1, "the answer given before is given again");
    let rows = project.get("/api/v1/llm/usage").await.expect(200);
    assert_eq!((&rows["items"][0]["role"], &rows["items"][0]["outcome"]), (&json!("rerank"), &json!("complete")));
}

#[tokio::test]
async fn over_budget_and_out_of_its_mind_the_model_changes_nothing() {
    let (_app, project) = birds().await;
    let (_server, grader) = graded(&project).await;
    let fused = ask(&project, json!({ "query": "heron", "mode": "keyword" })).await;
    let left = |answer: &Value, reason: &str| {
        assert_eq!((titles(answer), &answer["rerank"]["applied"]), (titles(&fused), &json!(false)));
        assert!(answer["rerank"]["reason"].as_str().unwrap().contains(reason), "{}", answer["rerank"]);
        assert_eq!(answer["items"][0]["explain"]["grade"], json!(null));
    };
    grader.be(Manner::Late(Duration::from_secs(20)));
    let mut hasty = question();
    hasty["rerank_budget_ms"] = json!(300);
    let answer = ask(&project, hasty.clone()).await;
    left(&answer, "within 300 ms");
    assert!(answer["rerank"]["took_ms"].as_u64().unwrap() < 5_000, "{answer}");
    grader.be(Manner::Short);
    left(&ask(&project, question()).await, "2 grades for 3 passages");
    grader.be(Manner::Prose);
    left(&ask(&project, question()).await, "no grades");
    // Nothing of it was remembered.
    grader.be(Manner::Right);
    hasty["rerank_budget_ms"] = json!(10_000);
    assert_eq!(titles(&ask(&project, hasty).await)[0], "c.txt");
}
