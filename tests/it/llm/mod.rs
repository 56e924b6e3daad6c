//! The gateway's settings, its budgets and its ledger, as clients see them.

mod budgets;
mod cache;
mod calls;
mod compatible;
mod gone;
mod held;
mod ledger;
mod limits;
mod local_model;
mod mock;
mod overhead;
mod prompts;
mod providers;
mod roles;
mod statements;

use commandcenter_testkit::{Client, Project, TestApp, User};
use serde_json::{Value, json};

const PROVIDERS: &str = "/api/v1/settings/providers";
const BUDGETS: &str = "/api/v1/llm/budgets";
const KEY: &str = "sk-a-secret-that-nobody-sees-4711";

/// A provider with one model.
fn local(alias: &str) -> Value {
    json!({
        "alias": alias, "dialect": "openai", "base_url": "https://models.example.com/v1/", "api_key": KEY,
        "models": [{ "name": "small", "input_nano_per_million": 150_000_000, "output_nano_per_million": 600_000_000, "context_window": 8192 }],
    })
}

async fn start() -> (TestApp, User, Project) {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.project("alpha").await;
    (app, ann, project)
}

/// Somebody with a role in a project.
async fn with_role(app: &TestApp, project: &Project, role: &str) -> Client {
    let user = app.user(role).await;
    let body = json!({ "user_id": user.id, "role": role });
    project.post(&format!("/api/v1/projects/{}/members", project.id), body).await.expect(201);
    user.in_project(project.id)
}
