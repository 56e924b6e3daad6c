//! The relay of committed events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::event::{EventSink, NewEvent, Signal, SignalBus, StoredEvent};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_domain::{Clock, Store};
use commandcenter_events::{LocalBus, Relay};
use commandcenter_testkit::{TestClock, TestDb};
use serde_json::json;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Heard(Mutex<Vec<i64>>);

#[async_trait]
impl EventSink for Heard {
    async fn deliver(&self, events: &[StoredEvent]) {
        self.0.lock().unwrap().extend(events.iter().map(|event| event.data["n"].as_i64().unwrap()));
    }
}

#[tokio::test]
async fn committed_events_are_delivered_in_order_and_others_not() {
    let db = TestDb::open().await;
    let (bus, heard, clock) = (LocalBus::new(), Arc::new(Heard::default()), Arc::new(TestClock::new()));
    let stop = CancellationToken::new();
    let relay = Relay::new(db.store.clone(), clock.clone(), Arc::new(bus.clone()), heard.clone());
    let task = tokio::spawn(relay.run(stop.clone()));
    let scope = ProjectScope::of_job(ProjectId::new(1), JobId::new(1));
    let event = |n: i64| NewEvent { kind: "cc.test.happened.v1", data: json!({ "n": n }), at: clock.now() };
    let tx = db.store.begin().await.unwrap();
    tx.outbox().publish(&scope, event(-1)).await.unwrap();
    drop(tx);
    for n in 0..300 {
        db.store.repos().outbox().publish(&scope, event(n)).await.unwrap();
    }
    bus.send(Signal::EventsReady).await;
    let all = async {
        while heard.0.lock().unwrap().len() < 300 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), all).await.unwrap();
    stop.cancel();
    task.await.unwrap();
    assert_eq!(*heard.0.lock().unwrap(), (0..300).collect::<Vec<_>>());
    assert!(db.store.repos().outbox().unpublished(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_relays_share_the_events_and_neither_repeats_what_the_other_delivered() {
    let db = TestDb::open().await;
    let (bus, heard, clock) = (LocalBus::new(), Arc::new(Heard::default()), Arc::new(TestClock::new()));
    let stop = CancellationToken::new();
    let relay = || Relay::new(db.store.clone(), clock.clone(), Arc::new(bus.clone()), heard.clone()).run(stop.clone());
    let tasks = [tokio::spawn(relay()), tokio::spawn(relay())];
    let scope = ProjectScope::of_job(ProjectId::new(1), JobId::new(1));
    for n in 0..300 {
        let event = NewEvent { kind: "cc.test.happened.v1", data: json!({ "n": n }), at: clock.now() };
        db.store.repos().outbox().publish(&scope, event).await.unwrap();
        bus.send(Signal::EventsReady).await;
    }
    let all = async {
        while !db.store.repos().outbox().unpublished(1).await.unwrap().is_empty() {
            bus.send(Signal::EventsReady).await;
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), all).await.unwrap();
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*heard.0.lock().unwrap(), (0..300).collect::<Vec<_>>());
}
