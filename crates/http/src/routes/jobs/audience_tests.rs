//! The audience of a job, over a row and signals that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use commandcenter_domain::StoreError;
use commandcenter_domain::event::{Signal, SignalStream};
use commandcenter_domain::job::{Items, Job, JobError, JobKind, JobStatus, QueueName};
use commandcenter_domain::shared::{JobId, ProjectId};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, timeout};

use super::audience::{Audiences, Ended, Told};
use super::reader::{Row, Source};

const PATIENCE: Duration = Duration::from_secs(10);

/// A job's row as a test sets it, which counts how often it is read.
#[derive(Default)]
struct Stage {
    reads: AtomicUsize,
    progress: AtomicUsize,
    ended: AtomicBool,
    deleted: AtomicBool,
    failing: AtomicBool,
    audiences: Audiences,
}

#[async_trait]
impl Row for Arc<Stage> {
    async fn read(&self) -> Result<Job, JobError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.failing.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Unavailable("away".into()).into());
        }
        if self.deleted.load(Ordering::SeqCst) {
            return Err(JobError::NotFound(JobId::new(1)));
        }
        Ok(self.job())
    }
}

struct Ear(UnboundedReceiver<Signal>);

#[async_trait]
impl SignalStream for Ear {
    async fn next(&mut self) -> Option<Signal> {
        self.0.recv().await
    }
}

impl Stage {
    fn job(&self) -> Job {
        let status = if self.ended.load(Ordering::SeqCst) { JobStatus::Completed } else { JobStatus::Running };
        Job { progress: self.progress.load(Ordering::SeqCst).try_into().unwrap(), status, ..running() }
    }

    /// Joins as a socket does; the sender is heard when this is the first seat.
    fn sit(self: &Arc<Self>) -> (Receiver<Told>, UnboundedSender<Signal>) {
        let (send, signals) = unbounded_channel();
        let source = Source { signals: Box::new(Ear(signals)), row: Box::new(self.clone()) };
        (self.audiences.join(self.job(), source).unwrap(), send)
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

fn running() -> Job {
    let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
    Job {
        id: JobId::new(1),
        project: ProjectId::new(1),
        kind: JobKind::RepositorySync,
        queue: QueueName::Sync,
        parameters: json!({}),
        tags: json!({}),
        priority: 5,
        status: JobStatus::Running,
        progress: 0,
        current_step: None,
        items: Items::default(),
        result: None,
        error: None,
        error_class: None,
        attempt: 1,
        max_attempts: 5,
        cancel_requested: false,
        parent: None,
        open_children: 0,
        worker: Some("w".into()),
        fence: 1,
        attempt_started_at: Some(now),
        created_by: None,
        request_id: None,
        created_at: now,
        run_at: Some(now),
        started_at: Some(now),
        completed_at: None,
    }
}

fn changed() -> Signal {
    Signal::JobChanged { project: ProjectId::new(1), job: JobId::new(1) }
}

fn advanced(fence: i64, percent: i32) -> Signal {
    Signal::JobProgress { project: ProjectId::new(1), job: JobId::new(1), fence, percent, step: None, items: (0, 0, None) }
}

/// Waits for the next word and gives the percentage it tells of.
async fn told(seat: &mut Receiver<Told>) -> i64 {
    timeout(PATIENCE, seat.changed()).await.unwrap().unwrap();
    let frame: Value = serde_json::from_str(&seat.borrow_and_update().progress).unwrap();
    frame["progress"].as_i64().unwrap()
}

#[tokio::test]
async fn a_hundred_watchers_cost_one_read_for_each_change() {
    let stage = Arc::new(Stage::default());
    let (first, send) = stage.sit();
    let mut seats: Vec<_> = (0..99).map(|_| stage.sit().0).chain([first]).collect();
    for progress in [10, 20] {
        stage.progress.store(progress, Ordering::SeqCst);
        send.send(changed()).unwrap();
        for seat in &mut seats {
            assert_eq!(told(seat).await, i64::try_from(progress).unwrap());
        }
    }
    assert_eq!(stage.reads(), 2);
    send.send(advanced(1, 30)).unwrap();
    for seat in &mut seats {
        assert_eq!(told(seat).await, 30);
    }
    // All of them are given the same bytes.
    let texts: Vec<_> = seats.iter().map(|seat| seat.borrow().progress.as_ptr()).collect();
    assert!(texts.iter().all(|text| *text == texts[0]));
    assert_eq!((stage.reads(), stage.audiences.count()), (2, 1));
}

#[tokio::test]
async fn who_opens_late_begins_with_what_the_others_know_and_who_reads_slowly_holds_up_nobody() {
    let stage = Arc::new(Stage::default());
    let (mut slow, send) = stage.sit();
    let (mut quick, _) = stage.sit();
    for percent in 1..=50 {
        send.send(advanced(1, percent)).unwrap();
        assert_eq!(told(&mut quick).await, i64::from(percent));
    }
    let (late, _) = stage.sit();
    assert_eq!(late.borrow().job.progress, 50, "newer than the row");
    assert_eq!(told(&mut slow).await, 50, "what was in between is old news");
    send.send(advanced(7, 99)).unwrap();
    send.send(advanced(1, 51)).unwrap();
    assert_eq!(told(&mut quick).await, 51, "another run's word is not told");
    assert_eq!(stage.reads(), 0);
}

#[tokio::test]
async fn an_audience_goes_with_its_last_watcher() {
    let stage = Arc::new(Stage::default());
    let (first, send) = stage.sit();
    let (second, _) = stage.sit();
    drop(first);
    tokio::task::yield_now().await;
    assert_eq!(stage.audiences.count(), 1);
    drop(second);
    let deadline = Instant::now() + PATIENCE;
    while stage.audiences.count() > 0 || !send.is_closed() {
        assert!(Instant::now() < deadline, "the reader goes on without watchers");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_last_word_reaches_everybody_and_who_comes_after_it_is_told_at_once() {
    for deleted in [false, true] {
        let stage = Arc::new(Stage::default());
        let (mut seat, send) = stage.sit();
        stage.ended.store(true, Ordering::SeqCst);
        stage.deleted.store(deleted, Ordering::SeqCst);
        send.send(changed()).unwrap();
        timeout(PATIENCE, seat.changed()).await.unwrap().unwrap();
        let end = seat.borrow_and_update().end.clone().unwrap();
        assert_eq!(matches!(end, Ended::Deleted), deleted);
        assert_eq!(stage.audiences.count(), 0);
        assert!(timeout(PATIENCE, seat.changed()).await.unwrap().is_err());
        assert!(matches!(stage.sit().0.borrow().end, Some(Ended::Done(_))));
        assert_eq!(stage.audiences.count(), 0);
    }
}

#[tokio::test]
async fn a_read_that_failed_is_made_again_and_a_lost_signal_is_made_up_for_by_who_opens_next() {
    let stage = Arc::new(Stage::default());
    let (mut seat, send) = stage.sit();
    stage.failing.store(true, Ordering::SeqCst);
    stage.progress.store(60, Ordering::SeqCst);
    send.send(changed()).unwrap();
    assert_eq!(told(&mut seat).await, 60);
    assert_eq!(stage.reads(), 2);
    // The signal of the end never comes; somebody who was allowed to read the row knows of another run.
    stage.progress.store(5, Ordering::SeqCst);
    let source = Source { signals: Box::new(Ear(unbounded_channel().1)), row: Box::new(stage.clone()) };
    drop(stage.audiences.join(Job { fence: 2, ..stage.job() }, source).unwrap());
    assert_eq!(told(&mut seat).await, 5);
}

#[tokio::test]
async fn watchers_of_a_bus_that_closed_are_let_go() {
    let stage = Arc::new(Stage::default());
    let (mut seat, send) = stage.sit();
    drop(send);
    assert!(timeout(PATIENCE, seat.changed()).await.unwrap().is_err());
    assert_eq!(stage.audiences.count(), 0);
}
