//! What operators rely on: limits, history, logs, effects made once, rooms of queues, batches.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::Store;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::job::{AttemptOutcome, Items, JobStatus, NewJob, QueueName, RunLimits};
use commandcenter_jobs::EngineOptions;
use serde_json::json;

use crate::bench::Bench;

fn limited(soft: i64, hard: i64) -> EngineOptions {
    let limits = RunLimits { soft: TimeDelta::milliseconds(soft), hard: TimeDelta::milliseconds(hard) };
    EngineOptions { limits: Some(limits), ..Bench::options("w") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_its_soft_limit_is_told_to_stop_and_counts_as_failed() {
    let bench = Bench::open().await;
    let worker = bench.worker(limited(100, 60_000));
    let id = bench.send(bench.job("wait")).await;
    let job = bench.until_status(id, JobStatus::Retrying).await;
    assert_eq!((job.attempt, job.error_class.as_deref()), (1, Some("timeout")));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_its_hard_limit_is_abandoned_and_fails_for_good() {
    let bench = Bench::open().await;
    let worker = bench.worker(limited(50, 150));
    let id = bench.send(bench.job("ignore")).await;
    let job = bench.until_status(id, JobStatus::Failed).await;
    assert_eq!(job.error_class.as_deref(), Some("timeout"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_logs_and_counts_are_kept() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let (id, fails) = (bench.send(bench.job("count")).await, bench.send(bench.job("panic once")).await);
    let job = bench.until_status(id, JobStatus::Completed).await;
    assert_eq!((job.items, job.result), (Items { done: 9, failed: 1, total: Some(10) }, Some(json!({ "seen": 9 }))));
    bench.until_status(fails, JobStatus::Retrying).await;
    bench.pass(TimeDelta::seconds(10)).await;
    bench.until_status(fails, JobStatus::Completed).await;
    worker.stop().await;
    let history = bench.db.store.repos().job_history();
    let said = history.log(&Bench::scope(), id, (0, 100)).await.unwrap();
    assert_eq!(said.items.iter().map(|one| one.line.message.as_str()).collect::<Vec<_>>().len(), 10);
    let attempts = history.attempts(&Bench::scope(), fails, (0, 100)).await.unwrap().items;
    let told: Vec<_> = attempts.iter().map(|one| (one.number, one.outcome.unwrap(), one.worker.as_str())).collect();
    assert_eq!(told, [(1, AttemptOutcome::Retry, "w"), (2, AttemptOutcome::Completed, "w")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_whose_run_died_in_the_act_is_not_made_again() {
    let bench = Bench::open().await;
    let dying = bench.worker(Bench::options("dying"));
    let id = bench.send(bench.job("outside")).await;
    bench.until(id, |_| !bench.script.outside.orders.lock().unwrap().is_empty()).await;
    dying.task.abort();
    assert!(dying.task.await.unwrap_err().is_cancelled());
    let other = bench.worker(Bench::options("other"));
    bench.pass(TimeDelta::seconds(31)).await;
    let job = bench.until_status(id, JobStatus::Completed).await;
    assert_eq!((job.attempt, job.result), (2, Some(json!({ "order": 0 }))));
    assert_eq!(bench.script.outside.orders.lock().unwrap().len(), 1, "ordered once");
    let history = bench.db.store.repos().job_history().attempts(&Bench::scope(), id, (0, 9)).await.unwrap();
    assert_eq!(history.items[0].outcome, Some(AttemptOutcome::LeaseLost));
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_fills_no_more_than_its_room() {
    let bench = Bench::open().await;
    let queues = BTreeMap::from([(QueueName::Sync, 2)]);
    let worker = bench.worker(EngineOptions { slots: 8, queues, ..Bench::options("w") });
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(bench.send(bench.job("wait")).await);
    }
    bench.until_status(jobs[1], JobStatus::Running).await;
    bench.bus.send(Signal::JobsReady).await;
    let running = async || bench.db.store.repos().job_queues().figures(commandcenter_domain::Clock::now(&*bench.clock)).await.unwrap();
    let sync = running().await.into_iter().find(|one| one.queue == QueueName::Sync).unwrap();
    assert_eq!((sync.running, sync.ready), (2, 2));
    bench.script.gate.add_permits(4);
    for job in jobs {
        bench.until_status(job, JobStatus::Completed).await;
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_runs_when_its_last_child_has_ended_however_it_ended() {
    let bench = Bench::open().await;
    let parent = bench.send(NewJob { open_children: 2, ..bench.job("effect") }).await;
    let child = |what| NewJob { parent: Some(parent), ..bench.job(what) };
    let worker = bench.worker(EngineOptions { lease: Duration::from_secs(30), ..Bench::options("w") });
    let (good, bad) = (bench.send(child("effect")).await, bench.send(child("wait")).await);
    bench.until_status(good, JobStatus::Completed).await;
    bench.until_status(bad, JobStatus::Running).await;
    assert_eq!(bench.row(parent).await.status, JobStatus::Pending, "one of its children still runs");
    bench.db.store.repos().jobs().cancel(&Bench::scope(), bad, commandcenter_domain::Clock::now(&*bench.clock)).await.unwrap();
    bench.bus.send(Signal::JobCancel { job: bad }).await;
    let job = bench.until_status(parent, JobStatus::Completed).await;
    assert_eq!((job.open_children, job.items), (0, Items { done: 1, failed: 1, total: None }));
    worker.stop().await;
}
