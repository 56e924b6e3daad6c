//! Who may follow, and for how long.

use commandcenter_testkit::{Client, EventReader, Project, TestApp};
use serde_json::json;

use super::{PATIENCE, STREAM, technology};

async fn ticket(project: &Client) -> String {
    project.post("/api/v1/auth/ws-ticket", json!({})).await.expect(201)["ticket"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_ticket_opens_one_stream_of_the_project_it_was_asked_with() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.project("alpha").await;
    let query = format!("?ticket={}", ticket(&project).await);
    let mut reader = EventReader::open(&app.anonymous(), &query).await;
    technology(&project, "Rust").await;
    assert_eq!(reader.titles(1).await, ["Rust"]);
    assert_eq!(app.anonymous().get(&format!("{STREAM}{query}")).await.problem(401), "unauthenticated");
    let without = ticket(&ann.client).await;
    assert_eq!(app.anonymous().get(&format!("{STREAM}?ticket={without}")).await.problem(400), "project-required");
    // After a loss the browser's ticket is spent: a new one, and the place in the query.
    technology(&project, "Zig").await;
    let query = format!("?ticket={}&last_event_id={}", ticket(&project).await, reader.last_id);
    assert_eq!(EventReader::open(&app.anonymous(), &query).await.titles(1).await, ["Zig"]);
}

#[tokio::test]
async fn a_stream_is_refused_like_any_other_project_data() {
    let app = TestApp::start_with(&[("COMMANDCENTER_AUTH__ACCESS_TTL", "2s")]).await;
    let ann = app.user("ann").await;
    assert_eq!(ann.get(STREAM).await.problem(400), "project-required");
    assert_eq!(ann.in_project(999_999).get(STREAM).await.problem(404), "project-not-found");
    assert_eq!(app.anonymous().get(STREAM).await.problem(401), "unauthenticated");
    assert_eq!(app.anonymous().get(&format!("{STREAM}?ticket=made-up")).await.problem(401), "unauthenticated");
    let expired = tokio::time::timeout(PATIENCE, async { while ann.get("/api/v1/auth/me").await.status != 401 {} });
    expired.await.expect("the token expires");
    let refused = ann.in_project(1).get(STREAM).await;
    assert_eq!((refused.problem(401), refused.header("www-authenticate")), ("unauthenticated", Some("Bearer")));
}

#[tokio::test]
async fn a_stream_outlives_the_token_that_opened_it_but_not_the_session() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.project("alpha").await;
    let other = Project { client: app.login(&ann.email).await.in_project(project.id), id: project.id };
    let mut reader = EventReader::open(&project, "").await;
    technology(&other, "before").await;
    assert_eq!(reader.titles(1).await, ["before"]);
    ann.post("/api/v1/auth/logout", json!({})).await.expect(204);
    technology(&other, "after").await;
    assert_eq!(reader.rest().await, Vec::<serde_json::Value>::new(), "what comes after is not told");
}

#[tokio::test]
async fn a_member_who_was_removed_and_a_key_that_was_revoked_are_told_no_more() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let project = ann.project("alpha").await;
    let path = format!("/api/v1/projects/{}", project.id);
    ann.post(&format!("{path}/members"), json!({ "user_id": bob.id, "role": "viewer" })).await.expect(201);
    let key = ann.post(&format!("{path}/api-keys"), json!({ "name": "reader", "role": "viewer" })).await.expect(201);
    let member = EventReader::open(&bob.in_project(project.id), "").await;
    let keyed = EventReader::open(&app.anonymous().with_token(key["key"].as_str().unwrap()), "").await;

    ann.delete(&format!("{path}/api-keys/{}", key["id"])).await.expect(204);
    ann.delete(&format!("{path}/members/{}", bob.id)).await.expect(204);

    // What was committed before the streams were opened may find its place in the order after that, and is theirs to know.
    for told in [keyed.rest().await, member.rest().await] {
        assert!(told.iter().all(|event| event["type"] != "cc.project.member_removed.v1"), "{told:?}");
    }
}
