//! The order of committed events, on the database that `TEST_DB` names; where transactions overlap, on PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::Store;
use commandcenter_domain::event::{EventNews, NewEvent, Place, Signal, SignalBus, put_in_order};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{Clock, JobId, ProjectId};
use commandcenter_events::{EventFeed, LocalBus};
use commandcenter_testkit::{Backend, TestClock, TestDb};
use serde_json::json;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn event(n: i64) -> NewEvent {
    NewEvent { kind: "cc.test.happened.v1", data: json!({ "n": n }), at: TestClock::new().now() }
}

/// The events behind a place and the last place.
async fn behind(store: &dyn Store, place: Place) -> (Vec<i64>, Place) {
    let rows = store.repos().events().after(&scope(1), place, 100).await.unwrap();
    let last = rows.last().map_or(place, |(place, _)| *place);
    (rows.iter().map(|(_, event)| event.data["n"].as_i64().unwrap()).collect(), last)
}

#[tokio::test]
async fn an_event_that_is_committed_late_comes_after_those_that_were_read_before_it() {
    let db = TestDb::open_on(Backend::Postgres).await;
    let store = &*db.store;
    let slow = store.begin().await.unwrap();
    slow.outbox().publish(&scope(1), event(1)).await.unwrap();
    let fast = store.begin().await.unwrap();
    fast.outbox().publish(&scope(1), event(2)).await.unwrap();
    fast.commit().await.unwrap();

    put_in_order(store).await.unwrap();
    let (first, place) = behind(store, Place::START).await;
    slow.commit().await.unwrap();
    put_in_order(store).await.unwrap();
    let (second, _) = behind(store, place).await;

    assert_eq!((first, second), (vec![2], vec![1]), "its id is lower, its place is not");
    let ids: Vec<_> = store.repos().events().after(&scope(1), Place::START, 10).await.unwrap().iter().map(|(_, e)| e.id.get()).collect();
    assert!(ids[0] > ids[1], "{ids:?}");
}

#[tokio::test]
async fn who_orders_at_the_same_time_waits_and_never_slips_in_before() {
    let db = TestDb::open_on(Backend::Postgres).await;
    let store = db.store.clone();
    store.repos().outbox().publish(&scope(1), event(1)).await.unwrap();
    let holder = store.begin().await.unwrap();
    holder.events().put_in_order().await.unwrap();
    store.repos().outbox().publish(&scope(1), event(2)).await.unwrap();
    let second = tokio::spawn(async move { put_in_order(&*store).await });
    let waits = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let blocked = timeout(PATIENCE, async { while count(&db, waits).await == 0 {} });
    assert!(blocked.await.is_ok(), "the second waits for the first");
    assert_eq!(behind(&*db.store, Place::START).await.0, Vec::<i64>::new(), "a place is seen only once it is sure");
    holder.commit().await.unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(behind(&*db.store, Place::START).await.0, [1, 2]);
}

async fn count(db: &TestDb, sql: &str) -> i64 {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    let row = db.connection().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn many_writers_and_orderers_lose_and_repeat_nothing() {
    let db = TestDb::open().await;
    let writers = (0..4).map(|writer| {
        let store = db.store.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                let tx = store.begin().await.unwrap();
                tx.outbox().publish(&scope(1), event(writer * 25 + n)).await.unwrap();
                tx.commit().await.unwrap();
                put_in_order(&*store).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let (mut seen, mut place) = (Vec::new(), Place::START);
    let reading = timeout(PATIENCE, async {
        while seen.len() < 100 {
            let (more, last) = behind(&*db.store, place).await;
            seen.extend(more);
            place = last;
        }
    });
    assert!(reading.await.is_ok(), "{} of 100 were read", seen.len());
    for writer in writers {
        writer.await.unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
    assert!(behind(&*db.store, place).await.0.is_empty());
}

#[tokio::test]
async fn the_feed_tells_the_followers_of_a_project_and_no_others() {
    let db = TestDb::open().await;
    let bus = LocalBus::new();
    db.store.announce_on(Arc::new(bus.clone()));
    let feed = Arc::new(EventFeed::new(db.store.clone(), Arc::new(bus.clone())));
    let running = feed.clone();
    let task = tokio::spawn(async move { running.run().await });
    let (mut ours, mut theirs) = (feed.follow(ProjectId::new(1)), feed.follow(ProjectId::new(2)));
    // A feed that begins to look tells everybody to.
    let told = timeout(PATIENCE, async {
        while timeout(Duration::from_millis(50), theirs.next()).await.is_err() {
            bus.send(Signal::Resync).await;
        }
    });
    assert!(told.await.is_ok());
    ours.next().await;

    let tx = db.store.begin().await.unwrap();
    tx.outbox().publish(&scope(1), event(1)).await.unwrap();
    tx.commit().await.unwrap();

    timeout(PATIENCE, ours.next()).await.expect("a commit of events is heard without another word");
    assert_eq!(behind(&*db.store, Place::START).await.0, [1], "and by then they are in order");
    assert!(futures::FutureExt::now_or_never(theirs.next()).is_none());
    task.abort();
}
