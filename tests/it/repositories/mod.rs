//! Repositories: what clients do with them, what is refused, what a synchronisation shows.

mod bad_input;
mod crud;
mod isolation;
mod sync;

use commandcenter_testkit::{Client, Project, TestApp};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/repositories";
const TOKEN: &str = "github_pat_11ABCDEFG0abcdefghijklmn_0123456789abcdefghijklmnopqrstuvwxyz";

/// An application with one project of one user.
async fn start() -> (TestApp, Project) {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project)
}

async fn track(client: &Client, name: &str) -> Value {
    client.post(PATH, json!({ "owner": "octocat", "name": name })).await.expect(201)
}

fn path_of(repository: &Value) -> String {
    format!("{PATH}/{}", repository["id"])
}
