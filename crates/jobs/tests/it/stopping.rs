//! Stopping: a job on request, an engine in good order.

use std::time::{Duration, Instant};

use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::job::{JobStatus, NewJob};
use commandcenter_domain::shared::JobId;
use commandcenter_domain::{Clock, Store};
use commandcenter_events::LocalBus;
use commandcenter_jobs::EngineOptions;

use crate::bench::Bench;

async fn ask_to_stop(bench: &Bench, id: JobId) {
    bench.db.store.repos().jobs().cancel(&Bench::scope(), id, bench.clock.now()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_at_once_and_never_runs() {
    let bench = Bench::open().await;
    let id = bench.send(bench.job("effect")).await;
    ask_to_stop(&bench, id).await;
    let worker = bench.worker(Bench::options("w"));
    let other = bench.send(bench.job("effect")).await;
    bench.until_status(other, JobStatus::Completed).await;
    assert_eq!(bench.row(id).await.status, JobStatus::Cancelled);
    assert_eq!(bench.script.begun.lock().unwrap().as_slice(), [(other, 1)]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_stops_within_two_seconds_with_and_without_the_signal() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    for signalled in [true, false] {
        let id = bench.send(bench.job("wait")).await;
        bench.until_status(id, JobStatus::Running).await;
        let asked = Instant::now();
        ask_to_stop(&bench, id).await;
        if signalled {
            bench.bus.send(Signal::JobCancel { job: id }).await;
        }
        bench.until_status(id, JobStatus::Cancelled).await;
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_does_not_listen_is_dropped_within_two_seconds() {
    let bench = Bench::open().await;
    let worker = bench.worker(EngineOptions { grace: Duration::from_secs(1), ..Bench::options("w") });
    let id = bench.send(bench.job("ignore")).await;
    bench.until_status(id, JobStatus::Running).await;
    let asked = Instant::now();
    ask_to_stop(&bench, id).await;
    bench.until_status(id, JobStatus::Cancelled).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_lets_jobs_finish() {
    let bench = Bench::open().await;
    let worker = bench.worker(Bench::options("w"));
    let id = bench.send(bench.job("wait")).await;
    bench.until_begun(id, 1).await;
    worker.stop.cancel();
    let late = bench.send(bench.job("effect")).await;
    bench.script.gate.add_permits(1);
    bench.until_status(id, JobStatus::Completed).await;
    worker.stop().await;
    assert_eq!(bench.script.begun.lock().unwrap().as_slice(), [(id, 1)], "nothing is begun while stopping");
    let late = bench.row(late).await;
    assert_eq!((late.status.is_terminal(), late.attempt), (false, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_hands_the_rest_back_without_costing_an_attempt() {
    let bench = Bench::open().await;
    let options = EngineOptions { drain: Duration::from_millis(800), ..Bench::options("w") };
    let worker = bench.worker(options);
    let (listens, does_not) = (bench.send(NewJob { max_attempts: 1, ..bench.job("wait") }).await, bench.send(bench.job("ignore")).await);
    bench.until_begun(listens, 1).await;
    bench.until_begun(does_not, 1).await;
    worker.stop().await;
    for id in [listens, does_not] {
        let job = bench.row(id).await;
        assert_eq!((job.status, job.attempt, job.error), (JobStatus::Retrying, 0, None));
    }
    bench.script.gate.add_permits(2);
    let other = bench.worker_on(Bench::options("other"), std::sync::Arc::new(LocalBus::new()));
    assert_eq!(bench.until_status(listens, JobStatus::Completed).await.attempt, 1);
    bench.until_status(does_not, JobStatus::Completed).await;
    other.stop().await;
}
