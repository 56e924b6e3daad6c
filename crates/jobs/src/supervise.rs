//! One run from claim to ending.

use std::sync::Arc;
use std::time::Instant;

use commandcenter_domain::job::{
    Circumstances, Claimed, Ending, Job, JobFailure, JobHandler, Outcome, Progress, QueueName, RunLimits, StopReason,
};
use commandcenter_domain::shared::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::sleep;
use tracing::Instrument;

use crate::core::Core;
use crate::live::Stop;
use crate::progress::Reports;
use crate::run::Run;
use crate::settler::Handed;

/// What people read of a run that panicked; the panic's own words go to the log.
const PANICKED: &str = "an internal error stopped the run";

/// Begins a run under a lease that holds until the given moment.
pub(crate) fn start(core: &Arc<Core>, claimed: Claimed, until: Timestamp) {
    let stop = core.live.add(&claimed.lease, until);
    core.began.notify_one();
    let Job { id, kind, attempt, project, .. } = &claimed.job;
    let span = tracing::info_span!("job", job.id = %id, job.kind = %kind, job.attempt = attempt, project.id = %project, request_id = claimed.job.request_id);
    let slot = Slot::take(core.clone(), claimed.job.queue);
    let running = Running { core: core.clone(), claimed, stop };
    core.tasks.spawn(async move { running.go(slot).await }.instrument(span));
}

/// Gives back a job that was claimed in the moment in which the engine was told to stop: it is not begun.
pub(crate) fn hand_back(core: &Arc<Core>, claimed: Claimed, until: Timestamp) {
    let stop = core.live.add(&claimed.lease, until);
    let running = Running { core: core.clone(), claimed, stop };
    let now = core.parts.clock.now();
    core.tasks.spawn(async move { running.hand_in(Ending::Released(now), None).await });
}

/// A slot of a queue, given back when it is dropped.
struct Slot(Arc<Core>, QueueName);

impl Slot {
    fn take(core: Arc<Core>, queue: QueueName) -> Self {
        core.room.take(queue);
        Self(core, queue)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.room.give_back(self.1);
        self.0.freed.notify_one();
    }
}

/// A run and its place among the live ones, which it gives up however it ends.
struct Running {
    core: Arc<Core>,
    claimed: Claimed,
    stop: Arc<Stop>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.core.live.remove(&self.claimed.lease);
    }
}

impl Running {
    async fn go(self, slot: Slot) {
        let (began, kind) = (Instant::now(), self.claimed.job.kind);
        metrics::gauge!("commandcenter_jobs_running").increment(1);
        let waited = self.claimed.job.run_at.and_then(|at| (self.core.parts.clock.now() - at).to_std().ok());
        metrics::histogram!("commandcenter_job_wait_duration_seconds", "job_type" => kind.as_str()).record(waited.unwrap_or_default());
        self.core.changed(&self.claimed.lease).await;
        let Some(handler) = self.core.parts.handlers.find(kind) else {
            // Only kinds with a handler are claimed; without one the lease runs out and somebody else takes the job.
            return tracing::error!("no handler");
        };
        let ending = self.perform(handler).await;
        // The work is done: the slot is free for the next job while this one's ending is written.
        drop(slot);
        metrics::gauge!("commandcenter_jobs_running").decrement(1);
        metrics::histogram!("commandcenter_job_duration_seconds", "job_type" => kind.as_str()).record(began.elapsed());
        match ending {
            Some((ending, last)) => self.hand_in(ending, last).await,
            None => tracing::warn!("the lease was lost: what the run came to is dropped"),
        }
    }

    /// Runs the handler; gives how it ended, and its last progress if that is yet to be written. `None` when the lease is lost.
    async fn perform(&self, handler: Arc<dyn JobHandler>) -> Option<(Ending, Option<Progress>)> {
        let (run, mut reports) = Run::of(self.core.clone(), self.claimed.clone(), self.stop.clone());
        let outcome = self.drive(handler, Arc::new(run), &mut reports).await;
        let ending = self.ending(outcome)?;
        let last = reports.last(&self.core, &self.claimed.lease, &self.stop).await;
        Some((ending, last))
    }

    /// Stays until the ending is written, so that the lease is kept so long.
    async fn hand_in(self, ending: Ending, last: Option<Progress>) {
        let (written, told) = oneshot::channel();
        let handed = Handed { claimed: self.claimed.clone(), ending, last, written };
        if self.core.endings.send(handed).await.is_ok() {
            // The writer answers whatever comes of it.
            drop(told.await);
        }
    }

    fn ending(&self, outcome: Outcome) -> Option<Ending> {
        let Core { parts, options, .. } = &*self.core;
        let job = &self.claimed.job;
        let policy = options.retry.unwrap_or_else(|| job.kind.retry());
        let seen = Circumstances { now: parts.clock.now(), chance: (parts.chance)(), stopped: self.stop.reason(), policy };
        Ending::of(job, outcome, &seen)
    }

    /// Runs the handler to its end, telling and writing what it says meanwhile. Once told to stop it has a grace to return by itself.
    async fn drive(&self, handler: Arc<dyn JobHandler>, run: Arc<Run>, reports: &mut Reports) -> Outcome {
        let parameters = self.claimed.job.parameters.clone();
        let limits = self.core.options.limits.unwrap_or_else(|| self.claimed.job.kind.limits());
        let mut task = Task(tokio::spawn(async move { handler.perform(&*run, &parameters).await }.in_current_span()));
        tokio::select! {
            ended = &mut task.0 => judge(ended),
            () = reports.keep(&self.core, &self.claimed.lease, &self.stop) => Outcome::Abandoned,
            () = self.overdue() => {
                task.0.abort();
                judge((&mut task.0).await)
            }
            () = self.over_limit(limits) => {
                task.0.abort();
                drop((&mut task.0).await);
                Outcome::OverLimit
            }
        }
    }

    /// Resolves when the run was told to stop (for another reason than its limit) and has not returned within the grace.
    async fn overdue(&self) {
        self.stop.told().await;
        if self.stop.reason() == Some(StopReason::SoftLimit) {
            // From its soft limit it has until the hard one.
            return std::future::pending().await;
        }
        sleep(self.core.options.grace).await;
    }

    /// Tells the run to stop at its soft limit, and resolves at the hard one.
    async fn over_limit(&self, limits: RunLimits) {
        let soft = limits.soft.to_std().unwrap_or_default();
        sleep(soft).await;
        self.stop.tell(StopReason::SoftLimit);
        sleep(limits.hard.to_std().unwrap_or_default().saturating_sub(soft)).await;
    }
}

type Returned = Result<Value, JobFailure>;

fn judge(ended: Result<Returned, JoinError>) -> Outcome {
    match ended {
        Ok(returned) => Outcome::Returned(returned),
        Err(err) if err.is_panic() => {
            tracing::error!(panic = message(err), "the handler panicked");
            Outcome::Panicked(PANICKED.to_owned())
        }
        Err(_) => Outcome::Abandoned,
    }
}

fn message(err: JoinError) -> String {
    let payload = err.into_panic();
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// A handler's task, which ends with whoever waits for it.
struct Task(JoinHandle<Returned>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
