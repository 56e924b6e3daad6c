//! Going on from where a reader was, as long as that is kept.

use chrono::TimeDelta;
use commandcenter_domain::Store;
use commandcenter_domain::event::{NewEvent, put_in_order};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock};
use commandcenter_testkit::{EventReader, TestApp};
use serde_json::json;

use super::{PATIENCE, STREAM, technology};

#[tokio::test]
async fn a_reader_goes_on_behind_the_last_event_it_was_told() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let mut first = EventReader::open(&project, "").await;
    for title in ["a", "b", "c"] {
        technology(&project, title).await;
    }
    assert_eq!(first.titles(1).await, ["a"]);
    let seen = first.last_id;
    drop(first);
    technology(&project, "d").await;

    let mut header = EventReader::resume(&project, seen).await;
    assert_eq!(header.titles(3).await, ["b", "c", "d"]);
    let mut query = EventReader::open(&project, &format!("?last_event_id={seen}")).await;
    assert_eq!(query.titles(3).await, ["b", "c", "d"]);
    technology(&project, "e").await;
    assert_eq!((header.titles(1).await, query.titles(1).await), (vec!["e".to_owned()], vec!["e".to_owned()]));
    // A browser that connects again sends the address it was first given, and how far it came: that is stronger.
    let again = project.request(reqwest::Method::GET, &format!("{STREAM}?last_event_id={seen}"));
    assert_eq!(EventReader::send(again.header("Last-Event-ID", header.last_id)).await.last_id, header.last_id);
}

#[tokio::test]
async fn a_reader_that_was_cut_off_before_its_first_event_loses_nothing() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let begun = EventReader::open(&project, "").await.last_id;
    technology(&project, "meanwhile").await;
    assert_eq!(EventReader::resume(&project, begun).await.titles(1).await, ["meanwhile"]);
}

#[tokio::test]
async fn much_that_was_missed_comes_whole_and_in_order() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let begun = EventReader::open(&project, "").await.last_id;
    publish(&app, project.id, 0..1_050).await;
    let mut reader = EventReader::resume(&project, begun).await;
    for n in 0..1_050 {
        assert_eq!(reader.event().await["data"]["n"], n);
    }
    // And what comes next is told as it comes.
    technology(&project, "next").await;
    assert_eq!(reader.titles(1).await, ["next"]);
}

#[tokio::test]
async fn what_is_no_longer_kept_is_said_to_be_gone() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let begun = EventReader::open(&alpha, "").await.last_id;
    let foreign = EventReader::open(&beta, "").await.last_id;
    technology(&alpha, "a").await;
    let mut reader = EventReader::resume(&alpha, begun).await;
    let newest = reader.event().await["id"].as_i64().unwrap();
    relayed(&app).await;
    let tomorrow = SystemClock.now() + TimeDelta::days(1);
    assert!(app.db.store.repos().events().sweep(tomorrow, 1).await.unwrap() == 1, "no more than a chunk at once");
    while app.db.store.repos().events().sweep(tomorrow, 100).await.unwrap() > 0 {}

    for gone in [begun, foreign, 999_999_999] {
        let refused = alpha.send(alpha.request(reqwest::Method::GET, STREAM).header("Last-Event-ID", gone)).await;
        assert_eq!(refused.problem(410), "events-gone", "{gone}");
        assert!(refused.body["detail"].as_str().unwrap().contains("without Last-Event-ID"), "{}", refused.text);
    }
    // Who has seen everything can always go on.
    technology(&alpha, "b").await;
    assert_eq!(EventReader::resume(&alpha, newest).await.titles(1).await, ["b"]);
    assert_eq!(EventReader::resume(&alpha, 0).await.titles(2).await, ["a", "b"]);
    for wrong in ["-1", "x", "99999999999999999999"] {
        let refused = alpha.get(&format!("{STREAM}?last_event_id={wrong}")).await;
        assert_eq!((refused.problem(422), &refused.body["errors"][0]["field"]), ("validation", &json!("last_event_id")), "{wrong}");
    }
}

#[tokio::test]
async fn what_is_younger_than_a_week_is_kept() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let begun = EventReader::open(&project, "").await.last_id;
    technology(&project, "a").await;
    relayed(&app).await;
    let week_ago = SystemClock.now() - TimeDelta::days(7);
    assert_eq!(app.db.store.repos().events().sweep(week_ago, 100).await.unwrap(), 0);
    assert_eq!(EventReader::resume(&project, begun).await.titles(1).await, ["a"]);
}

/// Until every event is relayed.
async fn relayed(app: &TestApp) {
    let relayed = async { while !app.db.store.repos().outbox().unpublished(1).await.unwrap().is_empty() {} };
    tokio::time::timeout(PATIENCE, relayed).await.expect("the relay takes what is committed");
}

/// Publishes numbered events in one transaction, past the application.
pub(super) async fn publish(app: &TestApp, project: i64, numbers: std::ops::Range<i64>) {
    let scope = ProjectScope::of_job(ProjectId::new(project), JobId::new(1));
    let tx = app.db.store.begin().await.unwrap();
    for n in numbers {
        let event = NewEvent { kind: "cc.test.happened.v1", data: json!({ "n": n }), at: SystemClock.now() };
        tx.outbox().publish(&scope, event).await.unwrap();
    }
    tx.commit().await.unwrap();
    put_in_order(&*app.db.store).await.unwrap();
}
