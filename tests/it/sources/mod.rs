//! Sources: feeds, sites, folders, searches and pushes, from the request to the passage that is found.

mod crud;
mod feeds;
mod folders;
mod push;
mod real_site;
mod repositories;
mod searches;
mod sites;

use std::time::Duration;

use commandcenter_testkit::{Project, Settings, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub(crate) const PATH: &str = "/api/v1/ingestion/sources";
/// How long a run may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(10);

/// An application without a model: what is found here is found by words.
async fn start(settings: Settings<'_>) -> (TestApp, Project) {
    let defaults = [("COMMANDCENTER_RAG__MODEL_DIR", "no-model")];
    let settings: Vec<_> = defaults.iter().chain(settings).copied().collect();
    let app = TestApp::start_with(&settings).await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project)
}

async fn make(project: &Project, body: Value) -> i64 {
    project.post(PATH, body).await.expect(201)["id"].as_i64().unwrap()
}

/// Runs a source and waits for its end; the run.
async fn run(project: &Project, id: i64) -> Value {
    let accepted = project.post(&format!("{PATH}/{id}/run"), json!({})).await.expect(202);
    finished(project, &accepted["job_id"]).await;
    project.get(&format!("{PATH}/{id}/runs")).await.expect(200)["items"][0].clone()
}

async fn finished(project: &Project, job: &Value) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if !["pending", "running"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < deadline, "never finished: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// `added`, `updated`, `unchanged`, `gone`, `failed`, `skipped`.
fn counters(run: &Value) -> [i64; 6] {
    ["added", "updated", "unchanged", "gone", "failed", "skipped"].map(|name| run[name].as_i64().unwrap())
}

/// Titles of what a question finds.
async fn titles(project: &Project, query: &str) -> Vec<String> {
    let body = json!({ "query": query, "mode": "lexical", "limit": 50 });
    let answer = project.post("/api/v1/knowledge/query", body).await.expect(200);
    let mut titles: Vec<String> = answer["items"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect();
    titles.sort_unstable();
    titles.dedup();
    titles
}

/// What a run could not read: item and reason.
async fn errors(project: &Project, run: &Value) -> Vec<(String, String)> {
    let path = format!("{PATH}/{}/runs/{}?limit=100", run["source_id"], run["id"]);
    let detail = project.get(&path).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    detail["errors"]["items"].as_array().unwrap().iter().map(|error| (text(&error["item"]), text(&error["reason"]))).collect()
}
