//! Who may not, and what does not exist for whom.

use commandcenter_testkit::Client;
use reqwest::Method;
use serde_json::{Value, json};

use super::{PATH, TOKEN, path_of, start, track};

/// Every operation on a repository.
fn operations(path: &str) -> Vec<(Method, String, Option<Value>)> {
    vec![
        (Method::GET, path.to_owned(), None),
        (Method::GET, format!("{path}/commits"), None),
        (Method::PATCH, path.to_owned(), Some(json!({ "description": "x" }))),
        (Method::POST, format!("{path}/sync"), None),
        (Method::DELETE, path.to_owned(), None),
    ]
}

async fn statuses(client: &Client, path: &str) -> Vec<u16> {
    let mut found = Vec::new();
    for (method, path, body) in operations(path) {
        let request = client.request(method, &path);
        let reply = client.send(if let Some(body) = body { request.json(&body) } else { request }).await;
        found.push(reply.status);
    }
    found
}

#[tokio::test]
async fn another_projects_repository_does_not_exist() {
    let (app, project) = start().await;
    let path = path_of(&track(&project, "a").await);
    let other = app.user("eve").await.project("beta").await;
    assert_eq!(statuses(&other, &path).await, [404; 5]);
    assert_eq!(other.get(PATH).await.expect(200)["total"], 0);
    let in_anothers_project = other.client.in_project(project.id);
    assert_eq!(statuses(&in_anothers_project, &path).await, [404; 5]);
    assert_eq!(in_anothers_project.get(PATH).await.problem(404), "project-not-found");
    let admin = app.admin().await.in_project(project.id);
    assert_eq!(statuses(&admin, &path).await, [404; 5], "the instance's admin holds no right to content");
    project.get(&path).await.expect(200);
}

#[tokio::test]
async fn without_credentials_or_project_nothing_is_answered() {
    let (app, project) = start().await;
    let path = path_of(&track(&project, "a").await);
    let stranger = app.anonymous().in_project(project.id);
    assert_eq!(statuses(&stranger, &path).await, [401; 5]);
    assert_eq!(stranger.get(PATH).await.problem(401), "unauthenticated");
    assert_eq!(stranger.post(PATH, json!({ "owner": "o", "name": "a" })).await.status, 401);
    let forged = stranger.with_token("eyJhbGciOiJIUzI1NiJ9.e30.forged");
    assert_eq!(statuses(&forged, &path).await, [401; 5]);
    let no_project = app.login("ann@example.com").await;
    assert_eq!(no_project.get(PATH).await.problem(400), "project-required");
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_write() {
    let (app, project) = start().await;
    let path = path_of(&track(&project, "a").await);
    let viewer = app.user("vic").await;
    let body = json!({ "email": viewer.email, "role": "viewer" });
    project.post(&format!("/api/v1/projects/{}/members", project.id), body).await.expect(201);
    let viewer = viewer.client.in_project(project.id);
    assert_eq!(statuses(&viewer, &path).await, [200, 200, 403, 403, 403]);
    assert_eq!(viewer.post(PATH, json!({ "owner": "o", "name": "a" })).await.problem(403), "role-too-low");
}

#[tokio::test]
async fn no_token_lies_in_clear_in_the_database_or_the_data_folder() {
    let (app, project) = start().await;
    project.post(PATH, json!({ "owner": "o", "name": "a", "access_token": TOKEN })).await.expect(201);
    let path = path_of(&track(&project, "b").await);
    project.patch(&path, json!({ "access_token": TOKEN })).await.expect(200);
    let needle = &TOKEN.as_bytes()[11..40];
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
    for table in ["repositories", "audit_entries", "outbox_events", "jobs"] {
        assert!(!holds(dump(&app.db, table).await.as_bytes()), "{table}");
    }
    let mut folders = vec![app.data.path().to_owned()];
    if let Some(file) = app.db.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()) {
        folders.push(std::path::Path::new(file).parent().unwrap().to_owned());
    }
    for entry in folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        assert!(path.is_dir() || !holds(&std::fs::read(&path).unwrap()), "{}", path.display());
    }
}

/// Every row of a table, as text.
async fn dump(db: &commandcenter_testkit::TestDb, table: &str) -> String {
    use sea_orm::ConnectionTrait;
    let backend = db.connection().get_database_backend();
    let rows = db.connection().query_all_raw(sea_orm::Statement::from_string(backend, format!("SELECT * FROM {table}"))).await.unwrap();
    format!("{rows:?}")
}
