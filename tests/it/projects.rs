//! Projects, their members and their keys.

use commandcenter_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_project_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let made = ann.post("/api/v1/projects", json!({ "name": " Radar ", "description": "what we watch" })).await;
    assert!(made.header("location").is_some_and(|location| location.starts_with("/api/v1/projects/")));
    let made = made.expect(201);
    assert_eq!(
        (made["name"].as_str(), made["owner"].as_str(), made["role"].as_str()),
        (Some("Radar"), Some("ann@example.com"), Some("owner"))
    );
    let path = format!("/api/v1/projects/{}", made["id"]);
    assert_eq!(ann.post("/api/v1/projects", json!({ "name": "Radar" })).await.problem(409), "project-name-taken");
    let changed = ann.patch(&path, json!({ "description": null, "name": "Radar 2" })).await.expect(200);
    assert_eq!((changed["name"].as_str(), changed["description"].is_null()), (Some("Radar 2"), true));
    assert_eq!(ann.patch(&path, json!({ "name": null })).await.problem(422), "validation");
    let list = ann.get("/api/v1/projects?page=1&limit=1").await.expect(200);
    assert_eq!((list["total"].as_u64(), list["has_next"].as_bool(), list["page_size"].as_u64()), (Some(1), Some(false), Some(1)));
    ann.delete(&path).await.expect(204);
    assert_eq!(ann.get(&path).await.problem(404), "project-not-found");
}

#[tokio::test]
async fn a_foreign_project_does_not_exist_for_anybody_the_admin_included() {
    let app = TestApp::start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let project = ann.project("alpha").await;
    let path = format!("/api/v1/projects/{}", project.id);
    for stranger in [eve.client.clone(), app.admin().await] {
        assert_eq!(stranger.get(&path).await.problem(404), "project-not-found");
        assert_eq!(stranger.patch(&path, json!({ "name": "mine" })).await.problem(404), "project-not-found");
        assert_eq!(stranger.delete(&path).await.problem(404), "project-not-found");
        assert_eq!(stranger.get(&format!("{path}/members")).await.problem(404), "project-not-found");
        assert_eq!(
            stranger.post(&format!("{path}/members"), json!({ "email": "eve@example.com", "role": "owner" })).await.problem(404),
            "project-not-found"
        );
        assert_eq!(stranger.get("/api/v1/projects").await.expect(200)["total"], 0);
    }
    assert_eq!(app.anonymous().get(&path).await.problem(401), "unauthenticated");
    for odd in ["0", "-1", "9223372036854775808", "abc"] {
        assert_eq!(ann.get(&format!("/api/v1/projects/{odd}")).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn roles_bound_what_members_may_do_and_the_last_owner_stays() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let project = ann.project("alpha").await;
    let path = format!("/api/v1/projects/{}", project.id);
    let members = format!("{path}/members");
    ann.post(&members, json!({ "email": "bob@example.com", "role": "viewer" })).await.expect(201);
    assert_eq!(ann.post(&members, json!({ "user_id": bob.id, "role": "viewer" })).await.problem(409), "already-member");
    assert_eq!(ann.post(&members, json!({ "email": "nobody@example.com", "role": "viewer" })).await.problem(404), "user-not-found");
    assert_eq!(ann.post(&members, json!({ "role": "viewer" })).await.problem(422), "validation");
    assert_eq!(bob.patch(&path, json!({ "name": "mine" })).await.problem(403), "role-too-low");
    assert_eq!(bob.delete(&path).await.problem(403), "role-too-low");
    let of_bob = format!("{members}/{}", bob.id);
    assert_eq!(bob.patch(&of_bob, json!({ "role": "owner" })).await.problem(403), "role-too-low");
    ann.patch(&of_bob, json!({ "role": "maintainer" })).await.expect(200);
    bob.patch(&path, json!({ "name": "ours" })).await.expect(200);
    let of_ann = format!("{members}/{}", ann.id);
    assert_eq!(bob.delete(&of_ann).await.problem(403), "role-too-low");
    assert_eq!(ann.delete(&of_ann).await.problem(409), "last-owner");
    assert_eq!(ann.patch(&of_ann, json!({ "role": "viewer" })).await.problem(409), "last-owner");
    ann.patch(&of_bob, json!({ "role": "owner" })).await.expect(200);
    ann.delete(&of_ann).await.expect(204);
    assert_eq!(ann.get(&path).await.problem(404), "project-not-found");
}

#[tokio::test]
async fn keys_open_what_they_are_for_until_they_are_deleted() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let personal = ann.post("/api/v1/auth/api-keys", json!({ "name": "laptop" })).await.expect(201);
    let bound = ann.post(&format!("/api/v1/projects/{}/api-keys", alpha.id), json!({ "name": "ci", "role": "viewer" })).await.expect(201);
    let with = |key: &serde_json::Value| app.anonymous().with_token(key["key"].as_str().unwrap());
    with(&personal).get(&format!("/api/v1/projects/{}", beta.id)).await.expect(200);
    assert_eq!(with(&bound).get(&format!("/api/v1/projects/{}", beta.id)).await.problem(404), "project-not-found");
    assert_eq!(with(&bound).get("/api/v1/projects").await.expect(200)["total"], 1);
    assert_eq!(with(&bound).get("/api/v1/repositories").await.expect(200)["total"], 0, "a bound key needs no header");
    assert_eq!(with(&bound).in_project(beta.id).get("/api/v1/repositories").await.problem(404), "project-not-found");
    assert_eq!(with(&bound).patch(&format!("/api/v1/projects/{}", alpha.id), json!({ "name": "x" })).await.problem(403), "role-too-low");
    assert_eq!(with(&personal).post("/api/v1/auth/api-keys", json!({ "name": "more" })).await.problem(403), "session-required");
    let listed = ann.get("/api/v1/auth/api-keys").await.expect(200);
    assert!(!listed.to_string().contains(personal["key"].as_str().unwrap()));
    ann.delete(&format!("/api/v1/auth/api-keys/{}", personal["id"])).await.expect(204);
    assert_eq!(with(&personal).get("/api/v1/projects").await.problem(401), "unauthenticated");
    let past = json!({ "name": "old", "expires_at": "2020-01-01T00:00:00Z" });
    assert_eq!(ann.post("/api/v1/auth/api-keys", past).await.problem(422), "validation");
}

#[tokio::test]
async fn project_data_needs_a_project_that_is_the_callers() {
    let app = TestApp::start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let project = ann.project("alpha").await;
    assert_eq!(ann.get("/api/v1/repositories").await.problem(400), "project-required");
    assert_eq!(ann.in_project("many").get("/api/v1/repositories").await.problem(400), "project-required");
    assert_eq!(eve.in_project(project.id).get("/api/v1/repositories").await.problem(404), "project-not-found");
    assert_eq!(app.admin().await.in_project(project.id).get("/api/v1/repositories").await.problem(404), "project-not-found");
    project.get("/api/v1/repositories").await.expect(200);
}

#[tokio::test]
async fn pages_outside_the_contract_are_refused() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    for query in ["page=0", "page=-1", "limit=0", "limit=101", "page=9223372036854775808", "limit=abc", "page=99999999999", "sort=password"]
    {
        assert_eq!(ann.get(&format!("/api/v1/projects?{query}")).await.problem(422), "validation", "{query}");
    }
}
