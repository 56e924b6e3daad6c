//! Death of engines: leases run out, jobs run again, the dead do not write.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::Clock;
use commandcenter_domain::job::{JobStatus, NewJob};
use commandcenter_events::LocalBus;
use commandcenter_jobs::EngineOptions;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_dead_engine_runs_again_elsewhere() {
    let bench = Bench::open().await;
    let dying = bench.worker(Bench::options("dying"));
    let id = bench.send(bench.job("wait")).await;
    bench.until_status(id, JobStatus::Running).await;
    // As kill -9: neither a goodbye nor a heartbeat more.
    dying.task.abort();
    assert!(dying.task.await.unwrap_err().is_cancelled());
    let other = bench.worker(Bench::options("other"));
    bench.pass(TimeDelta::seconds(31)).await;
    bench.until(id, |job| job.attempt == 2 && job.status == JobStatus::Running).await;
    bench.script.gate.add_permits(2);
    let job = bench.until_status(id, JobStatus::Completed).await;
    assert_eq!(job.result, Some(json!({ "attempt": 2 })));
    other.stop().await;
}

/// A partitioned engine: it lives, but does not hear of anything and its heartbeats come too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_finish_of_an_old_run_is_refused() {
    let bench = Bench::open().await;
    let id = bench.send(bench.job("ignore")).await;
    let options = EngineOptions { lease: Duration::from_hours(1), ..Bench::options("old") };
    let old = bench.worker_on(options, Arc::new(LocalBus::new()));
    bench.until_begun(id, 1).await;
    let new = bench.worker(Bench::options("new"));
    bench.pass(TimeDelta::seconds(3601)).await;
    bench.until_begun(id, 2).await;
    // The old run is first at the gate and finishes; nobody must notice.
    bench.script.gate.add_permits(1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let job = bench.row(id).await;
    assert_eq!((job.status, job.attempt, job.result.clone()), (JobStatus::Running, 2, None), "{job:?}");
    bench.script.gate.add_permits(1);
    assert_eq!(bench.until_status(id, JobStatus::Completed).await.attempt, 2);
    old.task.abort();
    new.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_engines_is_dead_after_its_last_attempt() {
    let bench = Bench::open().await;
    let id = bench.send(NewJob { max_attempts: 2, ..bench.job("wait") }).await;
    for attempt in 1..=2 {
        let dying = bench.worker(Bench::options(&format!("dying{attempt}")));
        bench.until(id, |job| job.status == JobStatus::Running && job.attempt == attempt).await;
        dying.task.abort();
        bench.clock.advance(TimeDelta::seconds(31));
    }
    let worker = bench.worker(Bench::options("w"));
    let job = bench.until_status(id, JobStatus::Dead).await;
    assert_eq!((job.attempt, job.completed_at), (2, Some(bench.clock.now())));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_engine_keeps_its_job_beyond_the_first_lease() {
    let bench = Bench::open().await;
    let lease = Duration::from_millis(600);
    let options = EngineOptions { lease, ..Bench::options("w") };
    let worker = bench.worker(options);
    let id = bench.send(bench.job("wait")).await;
    bench.until_status(id, JobStatus::Running).await;
    for _ in 0..6 {
        // Time goes on only when the lease is whole again: how fast this machine is tells nothing.
        bench.until_kept(id, TimeDelta::from_std(lease).unwrap()).await;
        bench.pass(TimeDelta::milliseconds(300)).await;
    }
    bench.script.gate.add_permits(1);
    assert_eq!(bench.until_status(id, JobStatus::Completed).await.attempt, 1);
    worker.stop().await;
}
