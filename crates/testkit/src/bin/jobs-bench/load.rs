//! A database with a project, and jobs put into it.

use std::time::{Duration, Instant};

use commandcenter_domain::Store;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobKind, JobStatus, NewJob};
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock};
use commandcenter_testkit::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

/// The project's right.
pub(crate) fn scope() -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(1), JobId::new(1))
}

/// A migrated database with one project.
pub(crate) async fn database() -> TestDb {
    let db = TestDb::open().await;
    let at = "'2026-01-01 00:00:00+00:00'";
    let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES (1, 'p', 'o', {at}, {at})");
    db.connection().execute_unprepared(&sql).await.unwrap();
    db
}

pub(crate) fn job() -> NewJob {
    let now = SystemClock.now();
    NewJob { max_attempts: 100, ..NewJob::ready(JobKind::RepositorySync, json!({ "at": now.timestamp_micros() }), now) }
}

/// Enqueues in batches of 100, each a transaction; how long it took.
pub(crate) async fn fill(db: &TestDb, jobs: usize) -> Duration {
    let begun = Instant::now();
    for _ in 0..jobs / 100 {
        let tx = db.store.begin().await.unwrap();
        tx.jobs().enqueue_all(&scope(), vec![job(); 100]).await.unwrap();
        tx.commit().await.unwrap();
    }
    begun.elapsed()
}

/// How many jobs are in a state.
pub(crate) async fn count(db: &TestDb, status: JobStatus) -> i64 {
    one(db, &format!("SELECT COUNT(*) FROM jobs WHERE status = '{}'", status.as_str())).await
}

/// The number that a statement answers.
pub(crate) async fn one(db: &TestDb, sql: &str) -> i64 {
    let statement = Statement::from_string(db.connection().get_database_backend(), sql);
    db.connection().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Wakes the workers and waits until every job has completed; how long that took.
pub(crate) async fn until_done(db: &TestDb, signals: &dyn SignalBus, jobs: i64) -> Duration {
    let begun = Instant::now();
    signals.send(Signal::JobsReady).await;
    while count(db, JobStatus::Completed).await < jobs {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(begun.elapsed() < Duration::from_mins(5), "the jobs are not done");
    }
    begun.elapsed()
}
