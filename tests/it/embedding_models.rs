//! Which model makes a project's vectors, and its change while questions are answered and documents come in.

use std::time::Duration;

use commandcenter_testkit::{EmbeddingServer, Project, Reply, TestApp};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::knowledge::{ask, start, taken_in};

const SETTINGS: &str = "/api/v1/knowledge/settings";
const CHANGE: &str = "/api/v1/knowledge/settings/change";
const PATIENCE: Duration = Duration::from_mins(1);

/// Sets a provider up whose only model is `words`.
async fn provider(project: &Project, alias: &str, server: &EmbeddingServer) {
    let model = json!({ "name": "words", "input_nano_per_million": 1_000_000_000, "output_nano_per_million": 0, "context_window": 8192 });
    let body = json!({ "alias": alias, "dialect": "openai", "base_url": server.base_url(), "api_key": "sk-test", "models": [model] });
    project.post("/api/v1/settings/providers", body).await.expect(201);
}

async fn put(project: &Project, alias: &str) -> Reply {
    project.put(SETTINGS, json!({ "embedding": { "provider": alias, "model": "words" } })).await
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never so: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn ended(project: &Project, job: &Value) -> Value {
    until("the job ends", async || {
        let row = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        (!["pending", "running", "retrying"].contains(&row["status"].as_str().unwrap())).then_some(row)
    })
    .await
}

/// Changes the model and waits until it answers.
async fn changed(project: &Project, alias: &str) {
    let reply = put(project, alias).await;
    let location = reply.header("location").unwrap().to_owned();
    let job = reply.expect(202)["change"]["job_id"].clone();
    assert_eq!(location, format!("/api/v1/jobs/{job}"));
    let job = ended(project, &job).await;
    assert_eq!(job["status"], "completed", "{job}");
}

/// Of more passages than are embedded at once.
fn long() -> String {
    let section = |n| format!("## Pond {n}\n\n{} heron{n} waits\n\n", "water reeds and mud ".repeat(15));
    (0..150).map(section).collect()
}

/// The model that answers, the length of its vectors, its vectors, and the passages.
async fn standing(project: &Project) -> (String, u64, u64, u64) {
    let numbers = project.get("/api/v1/knowledge/statistics").await.expect(200);
    let number = |name: &str| numbers[name].as_u64().unwrap();
    let model = numbers["embedding_model"].as_str().unwrap().to_owned();
    (model, number("embedding_dimension"), number("embedded_chunks"), number("total_chunks"))
}

/// Vectors of a model in the database, of all projects.
async fn vectors_of(app: &TestApp, model: &str) -> i64 {
    let db = app.db.connection();
    let sql = "SELECT count(*) FROM knowledge_vectors WHERE model = $1";
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [model.into()])).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// A project whose long document the model `small/words` embedded, and a model `large/words` beside it.
async fn embedded() -> (TestApp, Project, EmbeddingServer, EmbeddingServer) {
    let (app, project) = start().await;
    let (small, large) = (EmbeddingServer::start(256).await, EmbeddingServer::start(384).await);
    provider(&project, "small", &small).await;
    provider(&project, "large", &large).await;
    changed(&project, "small").await;
    taken_in(&project, "ponds.md", long()).await;
    (app, project, small, large)
}

/// Asks for `large`, and waits until its job stands in the middle: one part is embedded, the next is asked for.
async fn half_done(project: &Project, large: &EmbeddingServer) -> Value {
    let before = large.texts().len();
    large.permit(2);
    let job = put(project, "large").await.expect(202)["change"]["job_id"].clone();
    until("the job is in the middle", async || (large.texts().len() > before + 65).then_some(())).await;
    job
}

#[tokio::test]
async fn the_old_model_answers_until_the_new_one_has_every_passage() {
    let (app, project, small, large) = embedded().await;
    let (model, dimension, vectors, passages) = standing(&project).await;
    assert_eq!((model.as_str(), dimension, vectors), ("small/words", 256, passages));
    assert!(passages > 130, "{passages}");

    let job = half_done(&project, &large).await;
    let answer = ask(&project, json!({ "query": "does heron77 wait?", "mode": "vector" })).await;
    assert_eq!((&answer["mode_used"], small.asked("does heron77"), large.asked("does heron77")), (&json!("vector"), 1, 0));
    assert!(answer["items"].as_array().unwrap().iter().any(|hit| hit["content"].as_str().unwrap().contains("heron77")), "{answer}");
    let settings = project.get(SETTINGS).await.expect(200);
    assert_eq!((&settings["embedding"]["provider"], &settings["change"]["provider"]), (&json!("small"), &json!("large")));
    assert_eq!((&settings["change"]["job_id"], &settings["change"]["status"]), (&job, &json!("running")));
    assert_eq!(put(&project, "small").await.problem(409), "embedding-model-changing");
    // What comes in meanwhile is found at once, and belongs to the new model too.
    taken_in(&project, "late.md", "# Late\n\nA bittern booms at dusk.\n").await;
    let found = |answer: &Value| answer["items"][0]["content"].as_str().unwrap().contains("bittern");
    assert!(found(&ask(&project, json!({ "query": "bittern booms", "mode": "vector" })).await));

    large.open();
    let row = ended(&project, &job).await;
    assert_eq!((&row["status"], &row["result"]["before"]), (&json!("completed"), &json!("small/words")), "{row}");
    let (model, dimension, vectors, after) = standing(&project).await;
    assert_eq!((model.as_str(), dimension, vectors, after), ("large/words", 384, after, passages + 1));
    let asked = small.texts().len();
    let answer = ask(&project, json!({ "query": "a bittern at dusk", "mode": "vector" })).await;
    assert!(found(&answer), "{answer}");
    assert_eq!((small.texts().len(), large.asked("a bittern at dusk")), (asked, 1));
    for _ in 0..2 {
        ask(&project, json!({ "query": "a bittern at dusk", "mode": "vector", "limit": 2 })).await;
    }
    assert_eq!(large.asked("a bittern at dusk"), 1, "a question's vector is paid once");
    assert_eq!((vectors_of(&app, "small/words").await, put(&project, "large").await.status), (0, 200));

    let rows = project.get("/api/v1/llm/usage?limit=100").await.expect(200);
    let causes: Vec<&Value> = rows["items"].as_array().unwrap().iter().map(|row| &row["cause"]).collect();
    assert!(causes.len() > 4 && causes.iter().all(|cause| *cause == "embedding"), "{causes:?}");
}

#[tokio::test]
async fn a_change_that_is_given_up_leaves_what_was() {
    let (app, project, _small, large) = embedded().await;
    let job = half_done(&project, &large).await;
    let before = standing(&project).await;
    let version = project.get(SETTINGS).await.expect(200)["version"].clone();
    let stale = project.request(Method::DELETE, CHANGE).header("if-match", "\"0\"");
    assert_eq!(project.send(stale).await.problem(412), "precondition-failed");
    let right = project.request(Method::DELETE, CHANGE).header("if-match", format!("\"{version}\""));
    assert_eq!(project.send(right).await.status, 204);
    large.open();
    assert_eq!(ended(&project, &job).await["status"], "cancelled");
    assert_eq!(standing(&project).await, before);
    assert_eq!(project.get(SETTINGS).await.expect(200)["change"], json!(null));
    until("nothing is left of it", async || (vectors_of(&app, "large/words").await == 0).then_some(())).await;
    assert_eq!(project.delete(CHANGE).await.problem(404), "embedding-change-not-found");

    // The same by cancelling the job.
    let job = half_done(&project, &large).await;
    project.post(&format!("/api/v1/jobs/{job}/cancel"), json!({})).await;
    large.open();
    assert_eq!(ended(&project, &job).await["status"], "cancelled");
    until("the change is over", async || project.get(SETTINGS).await.expect(200)["change"].is_null().then_some(())).await;
    assert_eq!(standing(&project).await, before);
    changed(&project, "large").await;
    assert_eq!(standing(&project).await.0, "large/words");
}

#[tokio::test]
async fn a_model_that_cannot_serve_is_refused_before_anything_changes() {
    let (app, project) = start().await;
    assert_eq!(put(&project, "small").await.problem(503), "llm-not-configured");
    let server = EmbeddingServer::start(16).await;
    provider(&project, "small", &server).await;
    assert_eq!(put(&project, "other").await.problem(422), "unknown-model");
    server.give(9_000);
    let unfit = put(&project, "small").await;
    assert_eq!(unfit.problem(422), "embedding-model-unfit");
    assert!(unfit.text.contains("9000 numbers"), "{}", unfit.text);
    server.give(16);
    server.answer(401);
    assert_eq!(put(&project, "small").await.problem(502), "provider-rejected-key");
    server.answer(200);
    for (wrong, field) in [
        (json!({ "provider": "small" }), "embedding.model"),
        (json!({ "model": "words" }), "embedding.provider"),
        (json!({ "provider": "small", "model": "words", "dimensions": 0 }), "embedding.dimensions"),
    ] {
        let reply = project.put(SETTINGS, json!({ "embedding": wrong })).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
    let stale = project.request(Method::PUT, SETTINGS).header("if-match", "\"7\"");
    let body = json!({ "embedding": { "provider": "small", "model": "words" } });
    assert_eq!(project.send(stale.json(&body)).await.problem(412), "precondition-failed");
    assert_eq!(project.get(SETTINGS).await.expect(200)["version"], 0);

    let member = app.user("mel").await;
    project.post(&format!("/api/v1/projects/{}/members", project.id), json!({ "user_id": member.id, "role": "member" })).await.expect(201);
    let member = member.in_project(project.id);
    member.get(SETTINGS).await.expect(200);
    assert_eq!(member.put(SETTINGS, body.clone()).await.problem(403), "role-too-low");
    assert_eq!(member.delete(CHANGE).await.problem(403), "role-too-low");
    let eve = app.user("eve").await.in_project(project.id);
    assert_eq!(eve.put(SETTINGS, body.clone()).await.problem(404), "project-not-found");

    let budget = json!({ "name": "tiny", "scope": "project", "period": "day", "limit_nano": 1 });
    project.post("/api/v1/llm/budgets", budget).await.expect(201);
    let refused = project.put(SETTINGS, body).await;
    assert_eq!(refused.problem(429), "budget-exhausted");
    assert!(refused.text.contains("tiny"), "{}", refused.text);
}

#[tokio::test]
async fn vectors_of_another_length_are_not_mixed_in() {
    let (_app, project) = start().await;
    let server = EmbeddingServer::start(16).await;
    provider(&project, "small", &server).await;
    let body = json!({ "embedding": { "provider": "small", "model": "words", "dimensions": 24 } });
    let job = project.put(SETTINGS, body).await.expect(202)["change"]["job_id"].clone();
    ended(&project, &job).await;
    taken_in(&project, "a.md", "A heron was seen.").await;
    assert_eq!(standing(&project).await, ("small/words@24".to_owned(), 24, 1, 1));
    changed(&project, "small").await;
    assert_eq!(standing(&project).await, ("small/words".to_owned(), 16, 1, 1));
    server.give(17);
    let answer = ask(&project, json!({ "query": "which heron?" })).await;
    assert_eq!((&answer["mode_used"], &answer["degraded"]), (&json!("keyword"), &json!(true)));
    let reason = answer["degraded_reason"].as_str().unwrap();
    assert!(reason.contains("vectors of 17 numbers") && reason.contains("holds vectors of 16"), "{reason}");
    server.give(16);
    assert_eq!(ask(&project, json!({ "query": "which heron?" })).await["mode_used"], "hybrid", "the answer in need was not remembered");
}

#[tokio::test]
async fn each_project_has_its_own_model() {
    let (app, alpha, small, large) = embedded().await;
    let beta = app.user("bob").await.project("beta").await;
    provider(&beta, "large", &large).await;
    taken_in(&beta, "ponds.md", "# Ponds\n\nOnly beta knows the heron of the weir.\n").await;
    changed(&beta, "large").await;
    let (in_small, in_large) = (small.texts().len(), large.texts().len());
    let question = json!({ "query": "the heron of the weir", "mode": "vector", "limit": 50 });
    let answer = ask(&beta, question.clone()).await;
    assert_eq!((answer["items"].as_array().unwrap().len(), small.texts().len()), (1, in_small));
    let answer = ask(&alpha, question).await;
    assert!(answer["items"].as_array().unwrap().iter().all(|hit| !hit["content"].as_str().unwrap().contains("weir")), "{answer}");
    assert_eq!((small.texts().len(), large.texts().len()), (in_small + 1, in_large + 1), "no cache is shared by projects");
    assert_eq!((standing(&alpha).await.0, standing(&beta).await.0), ("small/words".to_owned(), "large/words".to_owned()));
}

#[tokio::test]
async fn an_archive_brings_vectors_of_the_same_model_only() {
    let (app, alpha, small, large) = embedded().await;
    let archive = alpha.request(Method::GET, "/api/v1/knowledge/export").send().await.unwrap().bytes().await.unwrap().to_vec();
    let passages = standing(&alpha).await.3;
    for (name, alias, server, to_embed) in [("beta", "small", &small, 0), ("gamma", "large", &large, passages)] {
        let other = app.user(name).await.project(name).await;
        provider(&other, alias, server).await;
        changed(&other, alias).await;
        let before = server.asked("Pond");
        let reply = other.upload("/api/v1/knowledge/import", ("k.zip", archive.clone()), &[]).await;
        let end = reply.text.trim_end().rsplit("data: ").next().unwrap();
        assert_eq!(serde_json::from_str::<Value>(end).unwrap()["to_embed"], to_embed, "{}", reply.text);
        until("every passage has a vector", async || (standing(&other).await.2 == passages).then_some(())).await;
        assert_eq!(server.asked("Pond") - before, usize::try_from(to_embed).unwrap());
    }
}
