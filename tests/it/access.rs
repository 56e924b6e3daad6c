//! The access matrix: every operation of the served document, without credentials, with a foreign project, and with foreign ids.
//!
//! An operation is covered by being in the document. What is not held to a rule is listed here with its reason.

use commandcenter_testkit::{Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// Operations without `security: []` that answer something else than 401 to a request without credentials.
const NOT_401: &[(&str, &str)] = &[];
/// Operations on project data that do not answer 404 to a foreign project.
const NOT_404: &[(&str, &str)] = &[];

struct Operation {
    method: Method,
    path: String,
    tags: Vec<String>,
    is_public: bool,
}

impl Operation {
    /// The path with every parameter filled in.
    fn at(&self, id: &str) -> String {
        let mut path = self.path.clone();
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, id);
        }
        path
    }

    fn is_listed(&self, list: &[(&str, &str)]) -> bool {
        list.contains(&(self.method.as_str(), self.path.as_str()))
    }

    /// Sends it with an empty object as its body.
    async fn send(&self, client: &Client, id: &str) -> commandcenter_testkit::Reply {
        let request = client.request(self.method.clone(), &self.at(id));
        let request = if self.method == Method::GET { request } else { request.json(&json!({})) };
        client.send(request).await
    }
}

async fn operations(app: &TestApp) -> Vec<Operation> {
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let tags = operation["tags"].as_array().map_or(&[][..], Vec::as_slice);
            found.push(Operation {
                method,
                path: path.clone(),
                tags: tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                is_public: operation["security"] == json!([]) || operation["security"] == json!([{}]),
            });
        }
    }
    assert!(found.len() > 40, "the document lists the operations");
    found
}

#[tokio::test]
async fn every_operation_that_is_not_public_refuses_strangers() {
    let app = TestApp::start().await;
    for operation in operations(&app).await {
        if operation.is_public || !operation.path.starts_with("/api/") {
            continue;
        }
        let name = format!("{} {}", operation.method, operation.path);
        let without = operation.send(&app.anonymous(), "1").await;
        let forged = operation.send(&app.anonymous().with_token("cck_forged_key"), "1").await;
        for reply in [without, forged] {
            assert!(reply.status == 401 || operation.is_listed(NOT_401), "{name}: {} {}", reply.status, reply.text);
        }
    }
}

#[tokio::test]
async fn every_operation_on_project_data_hides_a_foreign_project() {
    let app = TestApp::start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let project = ann.project("alpha").await;
    let everywhere = [eve.in_project(project.id), app.admin().await.in_project(project.id)];
    for operation in operations(&app).await {
        let is_data = operation.tags.iter().any(|tag| {
            [
                "events",
                "repositories",
                "technologies",
                "research-tasks",
                "dashboard",
                "jobs",
                "batch",
                "schedules",
                "knowledge",
                "ingestion",
                "settings",
                "llm",
                "prompts",
            ]
            .contains(&tag.as_str())
        });
        if !is_data && !operation.path.starts_with("/api/v1/projects/{id}") {
            continue;
        }
        for stranger in &everywhere {
            let reply = operation.send(stranger, &project.id.to_string()).await;
            let name = format!("{} {}", operation.method, operation.path);
            assert!(reply.status == 404 || operation.is_listed(NOT_404), "{name}: {} {}", reply.status, reply.text);
        }
    }
}

#[tokio::test]
async fn ids_of_another_project_name_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let made = [
        ("repositories", json!({ "owner": "octo-org", "name": "handbook" })),
        ("technologies", json!({ "title": "Rust" })),
        ("ingestion/sources", json!({ "name": "Docs", "type": "documentation", "url": "https://example.com/docs/" })),
        ("research-tasks", json!({ "title": "Try Rust" })),
        ("settings/providers", json!({ "alias": "local", "dialect": "openai" })),
        ("llm/budgets", json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1 })),
        ("jobs", json!({ "job_type": "repository_sync", "parameters": { "repository_id": 1 } })),
        (
            "schedules",
            json!({ "name": "s", "task_type": "repository_sync", "task_parameters": { "repository_id": 1 }, "frequency": "daily" }),
        ),
    ];
    for (resource, body) in made {
        let id = alpha.post(&format!("/api/v1/{resource}"), body).await.expect(201)["id"].clone();
        let path = format!("/api/v1/{resource}/{id}");
        alpha.get(&path).await.expect(200);
        assert_eq!(beta.get(&path).await.status, 404, "{path}");
        assert_eq!(beta.delete(&path).await.status, 404, "{path}");
        assert_eq!(beta.get(&format!("/api/v1/{resource}")).await.expect(200)["total"], 0, "{path}");
        alpha.get(&path).await.expect(200);
    }
}
