//! Answers in prose: what a model says is told only with what became of its sources.

use commandcenter_testkit::{Project, Reply};
use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::knowledge::{start, taken_in};

const ASK: &str = "/api/v1/knowledge/ask";
const GUIDE: &str = "# Jobs\n\n## Leases\n\nA worker holds a lease of thirty seconds. A worker that dies loses its lease.\n";

/// The events of an answer, by name and data.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")), "{}", reply.text);
    let field = |block: &str, name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
    let event = |block: &str| Some((field(block, "event:")?, serde_json::from_str(&field(block, "data:")?).unwrap()));
    reply.text.split("\n\n").filter_map(event).collect()
}

/// A model that answers questions about leases with this text, in pieces, and then ends so.
async fn model(project: &Project, text: &str, is_whole: bool) -> MockServer {
    let server = MockServer::start().await;
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
        format!(
            "data: {}\n\n",
            json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [choice] })
        )
    };
    let letters: Vec<char> = text.chars().collect();
    let mut body: String =
        letters.chunks(7).map(|piece| chunk(json!({ "content": piece.iter().collect::<String>() }), Value::Null)).collect();
    if is_whole {
        let usage = json!({ "prompt_tokens": 200, "completion_tokens": 20, "total_tokens": 220 });
        let last = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [], "usage": usage });
        body.push_str(&format!("{}data: {last}\n\ndata: [DONE]\n\n", chunk(json!({}), json!("stop"))));
    }
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(body_string_contains("A worker holds a lease of thirty seconds."))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body, "text/event-stream"))
        .mount(&server)
        .await;
    let price =
        json!({ "name": "small", "input_nano_per_million": 1_000_000, "output_nano_per_million": 2_000_000, "context_window": 8192 });
    let provider =
        json!({ "alias": "local", "dialect": "openai", "base_url": format!("{}/v1", server.uri()), "api_key": "sk-x", "models": [price] });
    project.post("/api/v1/settings/providers", provider).await.expect(201);
    let role = json!({ "provider": "local", "model_id": "small" });
    let reply = project.put("/api/v1/settings/agents/answer", role).await;
    assert!(reply.status < 300, "{} {}", reply.status, reply.text);
    server
}

#[tokio::test]
async fn each_statement_is_told_with_what_became_of_its_sources() {
    let (_app, project) = start().await;
    let (document, _) = taken_in(&project, "jobs.md", GUIDE).await;
    let says =
        "A lease lasts 30 s [1: \"a lease of thirty seconds\"]. It is renewed for ever [1: \"renewed for ever and ever\"]. Nobody said so.";
    let _server = model(&project, says, true).await;
    let told = events(&project.post(ASK, json!({ "question": "how long does a worker hold a lease?" })).await);
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["passages", "statement", "statement", "statement", "end"]);
    let (passage, first, second) = (&told[0].1["items"][0], &told[1].1, &told[2].1);
    assert_eq!((&first["text"], &first["support"]), (&json!("A lease lasts 30 s."), &json!("supported")));
    let citation = &first["citations"][0];
    assert_eq!(
        (&citation["verified"], &citation["document_id"], &citation["chunk_id"]),
        (&json!(true), &json!(document), &passage["chunk_id"])
    );
    let content = project.get(&format!("/api/v1/knowledge/documents/{document}")).await.expect(200);
    let text: Vec<char> = content["content"].as_str().unwrap().chars().collect();
    let at = |name: &str| usize::try_from(citation["span"][name].as_u64().unwrap()).unwrap();
    assert_eq!(text[at("start")..at("end")].iter().collect::<String>(), "a lease of thirty seconds");
    assert_eq!((&second["support"], &second["citations"][0]["fault"]), (&json!("unsupported"), &json!("not_said")));
    assert_eq!((&told[3].1["support"], &told[3].1["citations"]), (&json!("unsupported"), &json!([])));
    let end = &told[4].1;
    assert_eq!(
        (&end["outcome"], &end["supported"], &end["unsupported"], &end["model"]),
        (&json!("answered"), &json!(1), &json!(2), &json!("local/small"))
    );
    assert_eq!((&end["input_tokens"], &end["output_tokens"], &end["cost_nano"]), (&json!(200), &json!(20), &json!(240)));
    let row = &project.get("/api/v1/llm/usage").await.expect(200)["items"][0];
    assert_eq!(
        (&row["cause"], &row["role"], &row["cost_nano"], &row["outcome"]),
        (&json!("ask"), &json!("answer"), &json!(240), &json!("complete"))
    );

    let dropped = events(&project.post(ASK, json!({ "question": "how long is a lease?", "policy": "drop" })).await);
    let names: Vec<&str> = dropped.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, &dropped[2].1["dropped"]), (vec!["passages", "statement", "end"], &json!(2)));
}

#[tokio::test]
async fn an_answer_that_is_cut_is_never_told_as_whole() {
    let (_app, project) = start().await;
    taken_in(&project, "jobs.md", GUIDE).await;
    let _server = model(&project, "A lease lasts 30 s [1: \"a lease of thirty seconds\"].\nAnd then it", false).await;
    let told = events(&project.post(ASK, json!({ "question": "how long is a lease?" })).await);
    let (name, end) = told.last().unwrap();
    assert_eq!((name.as_str(), &end["outcome"]), ("end", &json!("incomplete")), "{end}");
    assert_eq!(told.iter().filter(|(name, _)| name == "statement").count(), 1, "half a statement is not told: {told:?}");
    assert_eq!(project.get("/api/v1/llm/usage").await.expect(200)["items"][0]["outcome"], "incomplete");
}

#[tokio::test]
async fn without_a_model_the_passages_come_with_what_to_configure() {
    let (_app, project) = start().await;
    taken_in(&project, "jobs.md", GUIDE).await;
    let told = events(&project.post(ASK, json!({ "query": "how long is a lease?" })).await);
    assert_eq!(told[0].1["items"].as_array().unwrap().len(), 1);
    assert_eq!((&told[1].1["outcome"], &told[1].1["problem"]), (&json!("no_model"), &json!("llm-not-configured")));
    assert!(told[1].1["detail"].as_str().unwrap().contains("/settings/providers"), "{told:?}");
    let nothing = events(&project.post(ASK, json!({ "question": "\"zzz qqq\"" })).await);
    assert_eq!((&nothing[0].1["items"], &nothing[1].1["outcome"]), (&json!([]), &json!("not_found")));
}

#[tokio::test]
async fn a_wrong_question_is_refused_before_anything_is_told() {
    let (app, project) = start().await;
    for (wrong, field) in [
        (json!({ "question": " " }), "question"),
        (json!({ "question": "x", "limit": 21 }), "limit"),
        (json!({ "question": "x", "policy": "invent" }), "policy"),
        (json!({ "question": "x", "mode": "magic" }), "mode"),
    ] {
        let reply = project.post(ASK, wrong).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
    let eve = app.user("eve").await.in_project(project.id);
    assert_eq!(eve.post(ASK, json!({ "question": "x" })).await.problem(404), "project-not-found");
}
