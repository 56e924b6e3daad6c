//! Transactions that overlap: an event with a lower id may be committed after one with a higher id.

use commandcenter_domain::Store;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock};
use commandcenter_testkit::{Backend, EventReader, TestApp};
use serde_json::json;

use super::technology;

#[tokio::test]
async fn an_event_that_is_committed_late_is_not_passed_over() {
    if Backend::of_environment() == Backend::Sqlite {
        eprintln!("left out: on SQLite no two transactions write at once");
        return;
    }
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let mut reader = EventReader::open(&project, "").await;
    let begun = reader.last_id;
    let scope = ProjectScope::of_job(ProjectId::new(project.id), JobId::new(1));
    let slow = app.db.store.begin().await.unwrap();
    let late = NewEvent { kind: "cc.test.happened.v1", data: json!({ "title": "late" }), at: SystemClock.now() };
    slow.outbox().publish(&scope, late).await.unwrap();
    technology(&project, "early").await;

    let early = reader.event().await;
    assert_eq!(early["data"]["title"], "early");
    slow.commit().await.unwrap();
    // This store is not the application's and tells nobody; the next commit of the application does.
    technology(&project, "next").await;

    let late = reader.event().await;
    assert_eq!(late["data"]["title"], "late");
    assert!(late["id"].as_i64() < early["id"].as_i64(), "its id is lower than one that was told before: {late}");
    assert_eq!(reader.titles(1).await, ["next"]);
    // Whoever resumes is told the same in the same order.
    assert_eq!(EventReader::resume(&project, early["id"].as_i64().unwrap()).await.titles(2).await, ["late", "next"]);
    assert_eq!(EventReader::resume(&project, begun).await.titles(3).await, ["early", "late", "next"]);
}
