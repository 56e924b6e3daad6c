//! What becomes of jobs: done, retried, given up, told of.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::job::{JobStatus, NewJob};
use commandcenter_domain::{Clock, Store};
use serde_json::json;
use tokio::time::timeout;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_sent_while_the_engine_sleeps_is_done_at_once() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let warm = bench.send(bench.job("effect")).await;
    bench.until_status(warm, JobStatus::Completed).await;
    // The poll is a minute away: only the signal can wake it.
    let id = bench.send(bench.job("effect")).await;
    let job = bench.until_status(id, JobStatus::Completed).await;
    assert_eq!((job.progress, job.result, job.attempt), (100, Some(json!({"attempt": 1})), 1));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_job_starts_by_itself_when_its_time_has_come() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let due = bench.clock.now() + TimeDelta::milliseconds(300);
    let id = bench.send(NewJob { run_at: Some(due), ..bench.job("effect") }).await;
    // No signal: the engine has computed when to look again.
    bench.clock.advance(TimeDelta::milliseconds(300));
    bench.until_status(id, JobStatus::Completed).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_engines_run_five_hundred_jobs_each_once() {
    let bench = Bench::open().await;
    let tx = bench.db.store.begin().await.unwrap();
    for _ in 0..500 {
        tx.jobs().enqueue(&Bench::scope(), bench.job("effect")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let workers: Vec<_> = (0..4).map(|n| bench.worker(Bench::options(&format!("w{n}")))).collect();
    let completed = async {
        let of = async || bench.db.store.repos().jobs().count_by_status(&Bench::scope(), None).await.unwrap();
        while of().await.iter().map(|count| (count.status, count.count)).collect::<BTreeMap<_, _>>()
            != BTreeMap::from([(JobStatus::Completed, 500)])
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_mins(1), completed).await.unwrap();
    assert_eq!(bench.script.effects.load(Ordering::SeqCst), 500);
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_repeated_with_backoff_until_the_job_is_dead() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let id = bench.send(NewJob { max_attempts: 3, ..bench.job("retry") }).await;
    for (attempt, wait) in [(1, 10), (2, 20)] {
        let job = bench.until(id, |job| job.status == JobStatus::Retrying && job.attempt == attempt).await;
        assert_eq!((job.run_at, job.error.as_deref()), (Some(bench.clock.now() + TimeDelta::seconds(wait)), Some("not now")));
        bench.pass(TimeDelta::seconds(wait)).await;
    }
    let job = bench.until_status(id, JobStatus::Dead).await;
    assert_eq!((job.attempt, job.completed_at), (3, Some(bench.clock.now())));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hopeless_failure_ends_the_job_at_once() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let id = bench.send(bench.job("fail")).await;
    let job = bench.until_status(id, JobStatus::Failed).await;
    assert_eq!((job.attempt, job.error.as_deref(), job.result), (1, Some("never"), None));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_fails_the_attempt_and_tells_nobody_its_words() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let id = bench.send(bench.job("panic once")).await;
    let job = bench.until_status(id, JobStatus::Retrying).await;
    assert!(!job.error.unwrap().contains("broke"));
    bench.pass(TimeDelta::seconds(10)).await;
    assert_eq!(bench.until_status(id, JobStatus::Completed).await.attempt, 2);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_written_seldom_told_of_each_time_and_the_last_is_kept() {
    let bench = Bench::open().await;
    let mut ear = bench.bus.subscribe();
    let began = Instant::now();
    let worker = bench.worker(Bench::options("w"));
    let id = bench.send(bench.job("flood")).await;
    let job = bench.until_status(id, JobStatus::Failed).await;
    assert_eq!((job.progress, job.current_step.as_deref()), (99, Some("step 1999")));
    worker.stop().await;
    bench.bus.send(Signal::Resync).await;
    let mut told = 0;
    loop {
        match ear.next().await.unwrap() {
            Signal::JobChanged { job, .. } | Signal::JobProgress { job, .. } => told += u128::from(job == id),
            Signal::Resync => break,
            Signal::JobsReady | Signal::JobCancel { .. } | Signal::EventsReady => {}
        }
    }
    // The claim, the end, and between them no more than one in a tenth of a second; not two thousand.
    let most = 3 + began.elapsed().as_millis() / 100;
    assert!((2..=most).contains(&told), "{told} of at most {most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_job_is_an_event_in_the_outbox() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let (done, failed) = (bench.send(bench.job("effect")).await, bench.send(bench.job("fail")).await);
    bench.until_status(done, JobStatus::Completed).await;
    bench.until_status(failed, JobStatus::Failed).await;
    worker.stop().await;
    let events = bench.db.store.repos().outbox().unpublished(10).await.unwrap();
    let mut told: Vec<_> = events.iter().map(|event| (event.data["job_id"].as_i64().unwrap(), event.kind.as_str())).collect();
    told.sort_unstable();
    assert_eq!(told, [(done.get(), "cc.job.completed.v1"), (failed.get(), "cc.job.failed.v1")]);
}
