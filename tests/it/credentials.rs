//! How far each kind of credential reaches, and what happens when two use one at once.

use commandcenter_testkit::{PASSWORD, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_key_bound_to_a_project_reaches_neither_the_instance_nor_its_owners_account() {
    let app = TestApp::start().await;
    let admin = app.login("root@example.com").await;
    let project = admin.project("alpha").await;
    let bound =
        admin.post(&format!("/api/v1/projects/{}/api-keys", project.id), json!({ "name": "ci", "role": "owner" })).await.expect(201);
    let key = app.anonymous().with_token(bound["key"].as_str().unwrap());
    key.get("/api/v1/technologies").await.expect(200);
    assert_eq!(key.get("/api/v1/admin/users").await.problem(403), "admin-required");
    let mallory = json!({ "email": "mallory@example.com", "password": PASSWORD });
    assert_eq!(key.post("/api/v1/admin/users", mallory).await.problem(403), "admin-required");
    assert_eq!(key.get("/api/v1/auth/api-keys").await.problem(403), "session-required");
    assert_eq!(key.post("/api/v1/projects", json!({ "name": "more" })).await.problem(403), "role-too-low");
    assert_eq!(key.post("/api/v1/auth/logout", json!({})).await.problem(403), "session-required");
    assert_eq!(admin.get("/api/v1/admin/users").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_busy_key_costs_one_statement_and_writes_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.project("alpha").await;
    let made = ann.post("/api/v1/auth/api-keys", json!({ "name": "laptop" })).await.expect(201);
    let key = app.anonymous().with_token(made["key"].as_str().unwrap()).in_project(project.id);
    key.get("/api/v1/technologies").await.expect(200);
    let (statements, reply) = app.statements_of(key.get("/api/v1/technologies?page=1&limit=20")).await;
    reply.expect(200);
    assert!(statements <= 3, "{statements} statements");
    let listed = ann.get("/api/v1/auth/api-keys").await.expect(200);
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");
}

#[tokio::test]
async fn of_two_that_spend_one_refresh_token_at_once_at_most_one_is_served_and_the_session_ends() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (anonymous, body) = (app.anonymous(), json!({ "refresh_token": ann.refresh_token }));
    let spend = || anonymous.post("/api/v1/auth/refresh", body.clone());
    let (one, other) = tokio::join!(spend(), spend());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    ann.get("/api/v1/auth/me").await.problem(401);
}

#[tokio::test]
async fn of_two_owners_that_leave_at_once_one_stays() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    for round in 0..4 {
        let project = ann.project(&format!("project {round}")).await;
        let members = format!("/api/v1/projects/{}/members", project.id);
        ann.post(&members, json!({ "user_id": bob.id, "role": "owner" })).await.expect(201);
        let paths = [ann.id, bob.id].map(|id| format!("{members}/{id}"));
        let (one, other) = tokio::join!(ann.delete(&paths[0]), bob.delete(&paths[1]));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409], "round {round}");
    }
}
