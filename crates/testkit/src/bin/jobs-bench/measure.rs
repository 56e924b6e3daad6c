//! Throughput, latency, the claim beside a long history, and the cost of idling.

use std::sync::Arc;
use std::time::{Duration, Instant};

use commandcenter_domain::Store;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::job::{Claim, Ending, JobKind, JobStatus, QueueName, Settling};
use commandcenter_domain::shared::{Clock, ProjectId, SystemClock};
use commandcenter_testkit::TestDb;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::crew::Crew;
use crate::load::{count, database, fill, job, one, scope, until_done};
use crate::worker;

/// Slots of one worker process.
const SLOTS: usize = 16;
/// Jobs a second for the latency, and how many of them.
const RATE: u64 = 200;
const SAMPLES: u64 = 2_000;
/// Finished jobs put in by one statement.
const PART: usize = 50_000;
/// How long the idle cost is watched.
const IDLE: Duration = Duration::from_secs(10);

/// Who runs the jobs: processes on a server, tasks of this process on a file.
enum Staff {
    Processes(Crew),
    Here(CancellationToken),
}

pub(crate) async fn run(jobs: usize, finished: usize) -> Value {
    let db = database().await;
    let enqueued = rate(jobs, fill(&db, jobs).await);
    let signals = worker::bus(db.connection());
    let staff = hire(&db, &signals).await;
    let executed = rate(jobs, until_done(&db, &*signals, i64::try_from(jobs).unwrap()).await);
    let attempts = one(&db, "SELECT COUNT(*) FROM job_attempts").await;
    let (p50, p99) = latency(&db, &*signals).await;
    let idle = idle(&staff).await;
    drop(staff);
    let before = claim(&db).await;
    history(&db, finished).await;
    let after = claim(&db).await;
    json!({
        "enqueued_per_second": enqueued,
        "executed_per_second": executed,
        "attempts_kept": attempts,
        "start_p50_ms": p50,
        "start_p99_ms": p99,
        "idle_core_percent": idle,
        "claim_ms": before,
        "claim_ms_beside_history": after,
    })
}

async fn hire(db: &TestDb, signals: &Arc<dyn SignalBus>) -> Staff {
    if db.connection().get_database_backend() == DbBackend::Postgres {
        return Staff::Processes(Crew::of(2, &db.url, SLOTS, None));
    }
    let stop = CancellationToken::new();
    let store = worker::store(&db.url).await;
    tokio::spawn(worker::work(store, signals.clone(), (2 * SLOTS, None), stop.clone()));
    Staff::Here(stop)
}

impl Drop for Staff {
    fn drop(&mut self) {
        if let Self::Here(stop) = self {
            stop.cancel();
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "thousands of jobs")]
fn rate(jobs: usize, took: Duration) -> f64 {
    (jobs as f64 / took.as_secs_f64()).round()
}

/// Milliseconds from the call that enqueues to the start of the run, at a steady rate: median and 99th percentile.
async fn latency(db: &TestDb, signals: &dyn SignalBus) -> (f64, f64) {
    let done = count(db, JobStatus::Completed).await;
    let mut beats = tokio::time::interval(Duration::from_millis(1000 / RATE));
    let mut first = None;
    for _ in 0..SAMPLES {
        beats.tick().await;
        // The job bears the moment at which the call began.
        let new = job();
        let made = db.store.repos().jobs().enqueue(&scope(), new).await.unwrap();
        first.get_or_insert(made.id.get());
        signals.send(Signal::JobsReady).await;
    }
    until_done(db, signals, done + i64::try_from(SAMPLES).unwrap()).await;
    let sql = format!("SELECT result FROM jobs WHERE id >= {}", first.unwrap_or_default());
    let rows = db.connection().query_all_raw(Statement::from_string(db.connection().get_database_backend(), sql)).await.unwrap();
    let waited = |row: &QueryResult| row.try_get_by_index::<Value>(0).unwrap()["waited_us"].as_i64().unwrap();
    let mut waits: Vec<i64> = rows.iter().map(waited).collect();
    waits.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a short wait")]
    let at = |percent: usize| waits[waits.len() * percent / 100] as f64 / 1000.0;
    (at(50), at(99))
}

/// Percent of one core that one idle worker takes.
async fn idle(staff: &Staff) -> Option<f64> {
    let Staff::Processes(crew) = staff else { return None };
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = crew.processor_time();
    tokio::time::sleep(IDLE).await;
    Some(crew.processor_time().saturating_sub(before).as_secs_f64() / IDLE.as_secs_f64() * 100.0 / 2.0)
}

/// Median milliseconds of a claim of sixteen jobs out of a queue of a thousand, each settled again.
async fn claim(db: &TestDb) -> f64 {
    fill(db, 1_000).await;
    let ledger = db.store.repos().job_ledger();
    let mut times = Vec::new();
    for _ in 0..60 {
        let now = SystemClock.now();
        let begun = Instant::now();
        let claim = Claim {
            owner: "bench",
            queue: QueueName::Sync,
            after: ProjectId::new(0),
            kinds: JobKind::ALL,
            now,
            until: now + chrono::TimeDelta::seconds(30),
            limit: 16,
        };
        let claimed = ledger.claim(&claim).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(claimed.len(), 16);
        let ended: Vec<_> =
            claimed.into_iter().map(|one| Settling { lease: one.lease, ending: Ending::Completed(json!({})), last: None }).collect();
        ledger.settle(&ended, SystemClock.now()).await.unwrap();
    }
    let rest = "DELETE FROM jobs WHERE status = 'pending'";
    db.connection().execute_unprepared(rest).await.unwrap();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// A long history: finished jobs, put in by the database itself, a part at a time since no statement may take long.
async fn history(db: &TestDb, finished: usize) {
    for done in (0..finished).step_by(PART) {
        add_history(db, PART.min(finished - done)).await;
    }
}

async fn add_history(db: &TestDb, finished: usize) {
    let numbers = match db.connection().get_database_backend() {
        DbBackend::Postgres => format!("SELECT n FROM generate_series(1, {finished}) n"),
        _ => format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {finished}) SELECT n FROM s"),
    };
    let at = "'2026-01-01 00:00:00+00:00'";
    let sql = format!(
        "INSERT INTO jobs (project_id, kind, queue, parameters, tags, priority, status, fence, attempt, max_attempts, created_at, run_at, \
         rank_at, started_at, completed_at) SELECT 1, 'repository_sync', 'sync', '{{}}', '{{}}', 5, 'completed', 1, 1, 5, {at}, {at}, {at}, \
         {at}, {at} FROM ({numbers}) numbers"
    );
    db.connection().execute_unprepared(&sql).await.unwrap();
}
