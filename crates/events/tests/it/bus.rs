//! Signals between processes. Two buses stand for two processes.

use std::time::Duration;

use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_events::PostgresBus;
use commandcenter_testkit::{Backend, TestDb};
use sea_orm::ConnectionTrait;
use tokio::time::timeout;

async fn hears(ear: &mut dyn SignalStream, wanted: &Signal) {
    let heard = timeout(Duration::from_secs(10), async { while ear.next().await.as_ref() != Some(wanted) {} });
    assert!(heard.await.is_ok(), "never heard {wanted:?}");
}

#[tokio::test]
async fn what_one_process_sends_every_process_hears_once() {
    let db = TestDb::empty_on(Backend::Postgres).await;
    let pool = db.connection().get_postgres_connection_pool();
    let (here, there) = (PostgresBus::start(pool), PostgresBus::start(pool));
    let (mut near, mut far) = (here.subscribe(), there.subscribe());
    // Both listen once each has told its own to look again.
    hears(&mut *near, &Signal::Resync).await;
    hears(&mut *far, &Signal::Resync).await;
    let signal = Signal::JobChanged { project: ProjectId::new(7), job: JobId::new(9) };
    here.send(signal.clone()).await;
    hears(&mut *far, &signal).await;
    there.send(Signal::JobsReady).await;
    assert_eq!(near.next().await, Some(signal), "the sender hears its own once, at once");
    assert_eq!(near.next().await, Some(Signal::JobsReady));
}

#[tokio::test]
async fn a_bus_whose_connection_breaks_listens_again_and_says_so() {
    let db = TestDb::empty_on(Backend::Postgres).await;
    let pool = db.connection().get_postgres_connection_pool();
    let (here, there) = (PostgresBus::start(pool), PostgresBus::start(pool));
    let mut far = there.subscribe();
    hears(&mut *far, &Signal::Resync).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    db.connection().execute_unprepared(cut).await.unwrap();
    hears(&mut *far, &Signal::Resync).await;
    for _ in 0..100 {
        here.send(Signal::EventsReady).await;
        if let Ok(Some(Signal::EventsReady)) = timeout(Duration::from_millis(100), far.next()).await {
            return;
        }
    }
    panic!("nothing is heard after the connection broke");
}
