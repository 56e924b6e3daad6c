//! The stream of a project's events, and the schemas of their data.

mod order;
mod resume;
mod rights;
mod schemas;

use std::time::Duration;

use commandcenter_testkit::{EventReader, Project, TestApp};
use reqwest::Method;
use serde_json::json;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where the stream is.
const STREAM: &str = "/api/v1/events/stream";

async fn technology(project: &Project, title: &str) -> i64 {
    project.post("/api/v1/technologies", json!({ "title": title })).await.expect(201)["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_change_is_told_when_it_is_committed_with_who_and_why() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let project = ann.project("alpha").await;
    let mut reader = EventReader::open(&project, "").await;
    assert_eq!(reader.header("content-type"), Some("text/event-stream"));
    assert_eq!(reader.header("cache-control"), Some("no-store, no-transform"));
    // The client offers gzip: events that wait in a compressor are told late.
    assert_ne!(reader.header("content-encoding"), Some("gzip"));

    let request = project.request(Method::POST, "/api/v1/technologies").header("x-request-id", "why-1");
    let made = project.send(request.json(&json!({ "title": "Rust" }))).await.expect(201);
    let event = reader.event().await;

    assert_eq!(event["type"], "cc.technology.created.v1");
    assert_eq!((&event["project_id"], &event["request_id"]), (&json!(project.id), &json!("why-1")));
    assert_eq!((&event["actor"], &event["data"]["id"]), (&json!(format!("user:{}", ann.id)), &made["id"]));
    assert!(event["occurred_at"].as_str().unwrap().ends_with('Z') && event["id"].is_i64());
    assert_eq!(event.as_object().unwrap().len(), 7, "{event}");
}

#[tokio::test]
async fn the_life_of_a_job_is_told() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let body = json!({ "owner": "octocat", "name": "Hello-World" });
    let repository = project.post("/api/v1/repositories", body).await.expect(201)["id"].clone();
    let mut reader = EventReader::open(&project, "?types=cc.job.*").await;
    let body = json!({ "job_type": "repository_sync", "parameters": { "repository_id": repository } });
    let job = project.post("/api/v1/jobs", body).await.expect(201)["id"].clone();
    project.post(&format!("/api/v1/jobs/{job}/cancel"), json!(null)).await.expect(200);
    for wanted in ["cc.job.created.v1", "cc.job.cancelled.v1"] {
        let event = reader.event().await;
        assert_eq!((&event["type"], &event["data"]["job_id"]), (&json!(wanted), &job));
    }
}

#[tokio::test]
async fn events_of_other_projects_are_not_told() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let mut reader = EventReader::open(&alpha, "").await;
    let mut all = EventReader::open(&alpha, "?last_event_id=0").await;
    technology(&beta, "theirs").await;
    technology(&alpha, "ours").await;
    assert_eq!(reader.titles(1).await, ["ours"]);
    assert_eq!(all.event().await["type"], "cc.project.created.v1");
    assert_eq!(all.titles(1).await, ["ours"]);
}

#[tokio::test]
async fn a_filter_leaves_types_out_and_the_reader_still_knows_how_far_it_is() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let mut all = EventReader::open(&project, "").await;
    let mut some = EventReader::open(&project, "?types=technology.deleted.v1,%20cc.job.*").await;
    let begun = some.last_id;
    let id = technology(&project, "Rust").await;
    let created = all.event().await;
    let told = some.block().await.unwrap();
    assert_eq!((told.id, told.data), (created["id"].as_i64(), None), "left out, and said how far");
    assert!(some.last_id > begun);
    project.delete(&format!("/api/v1/technologies/{id}")).await.expect(204);
    assert_eq!(some.event().await["type"], "cc.technology.deleted.v1");

    for wrong in ["cc.nothing.*", "cc.job", "technology.created.v9"] {
        let refused = project.get(&format!("{STREAM}?types={wrong}")).await;
        assert_eq!((refused.problem(422), &refused.body["errors"][0]["field"]), ("validation", &json!("types")), "{wrong}");
    }
}

#[tokio::test]
async fn a_silent_stream_shows_signs_of_life() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let mut reader = EventReader::open(&project, "").await;
    let block = reader.block().await.unwrap();
    assert!(block.comment.is_some() && block.id.is_none() && block.data.is_none(), "{block:?}");
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let reader = EventReader::open(&project, "").await;
    let stopped = tokio::task::spawn_blocking(move || drop(app));
    assert!(reader.rest().await.is_empty());
    stopped.await.unwrap();
}
