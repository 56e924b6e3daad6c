//! Writes how runs end, many at once. Runs hand their endings in and go; what comes in while one transaction is under way is written by the
//! next.

use std::time::Duration;

use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Claimed, Ending, Job, JobStatus, Progress, Recorded, Settling};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::core::Core;

/// Most endings of one transaction.
const BATCH: usize = 128;
/// First wait after endings could not be written; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// An ending to write, and who waits for it.
pub(crate) struct Handed {
    pub(crate) claimed: Claimed,
    pub(crate) ending: Ending,
    pub(crate) last: Option<Progress>,
    pub(crate) written: oneshot::Sender<()>,
}

impl Handed {
    fn settling(&self) -> Settling {
        Settling { lease: self.claimed.lease.clone(), ending: self.ending.clone(), last: self.last.clone() }
    }
}

/// Writes endings until every run has handed in its own.
pub(crate) async fn settle_all(core: &Core, mut handed: mpsc::Receiver<Handed>) {
    let mut batch = Vec::with_capacity(BATCH);
    while handed.recv_many(&mut batch, BATCH).await > 0 {
        settle(core, &batch).await;
        for one in batch.drain(..) {
            if one.written.send(()).is_err() {
                tracing::debug!("whoever waited for an ending is gone");
            }
        }
    }
}

/// Writes endings, again and again while storage is away, for as long as any of their leases holds. Where one does not hold to the end, the
/// job runs again elsewhere.
async fn settle(core: &Core, batch: &[Handed]) {
    let mut wait = FIRST_WAIT;
    loop {
        match write(core, batch).await {
            Ok((jobs, parents)) => {
                if jobs.len() < batch.len() {
                    tracing::warn!(refused = batch.len() - jobs.len(), "leases were lost: endings were refused");
                }
                return announce(core, &jobs, &parents).await;
            }
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "endings could not be written yet"),
        }
        let now = core.parts.clock.now();
        if !batch.iter().any(|one| core.live.held_until(&one.claimed.lease).is_some_and(|until| until > now)) {
            return tracing::error!("the leases ran out before the endings could be written");
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// The endings, the attempts, the parents' counts and the events that tell of them: all or nothing.
async fn write(core: &Core, batch: &[Handed]) -> Result<(Vec<Job>, Vec<Job>), StoreError> {
    let now = core.parts.clock.now();
    let settling: Vec<_> = batch.iter().map(Handed::settling).collect();
    let tx = core.parts.store.begin().await?;
    let jobs = tx.job_ledger().settle(&settling, now).await?;
    let taken = |one: &&Handed| jobs.iter().any(|job| job.id == one.claimed.job.id);
    let attempts: Vec<_> = batch.iter().filter(taken).map(|one| Recorded::of(&one.claimed, &one.ending, now)).collect();
    for one in batch.iter().filter(taken) {
        let (kind, outcome) = (one.claimed.job.kind.as_str(), one.ending.outcome().0.as_str());
        metrics::counter!("commandcenter_job_attempts_total", "job_type" => kind, "outcome" => outcome).increment(1);
    }
    tx.job_ledger().record(&attempts).await?;
    let parents = conclude(&*tx, &jobs, now).await?;
    tx.commit().await?;
    Ok((jobs, parents))
}

/// Takes jobs away from engines that went silent, with all that follows for those that end thereby.
pub(crate) async fn reap(core: &Core) -> Result<Vec<Job>, StoreError> {
    let now = core.parts.clock.now();
    let tx = core.parts.store.begin().await?;
    let jobs = tx.job_ledger().reap(now).await?;
    if jobs.is_empty() {
        return Ok(jobs);
    }
    let lost: Vec<_> = jobs.iter().map(|job| Recorded::lost(job, now)).collect();
    tx.job_ledger().record(&lost).await?;
    let parents = conclude(&*tx, &jobs, now).await?;
    tx.commit().await?;
    announce(core, &jobs, &parents).await;
    Ok(jobs)
}

/// What the end of jobs means for their parents and for those who follow events. Gives the parents.
async fn conclude(tx: &dyn Tx, jobs: &[Job], at: Timestamp) -> Result<Vec<Job>, StoreError> {
    let ended: Vec<&Job> = jobs.iter().filter(|job| job.status.is_terminal()).collect();
    tx.outbox().publish_all(ended.iter().filter_map(|job| event(job, at)).collect()).await?;
    if ended.iter().all(|job| job.parent.is_none()) {
        return Ok(Vec::new());
    }
    tx.job_ledger().children_ended(&ended).await
}

fn event(job: &Job, at: Timestamp) -> Option<(ProjectScope, NewEvent)> {
    let kind = match job.status {
        JobStatus::Completed => "cc.job.completed.v1",
        JobStatus::Failed => "cc.job.failed.v1",
        JobStatus::Cancelled => "cc.job.cancelled.v1",
        JobStatus::Dead => "cc.job.dead.v1",
        JobStatus::Pending | JobStatus::Running | JobStatus::Retrying => return None,
    };
    let scope = ProjectScope::of_job(job.project, job.id).caused_by(job.request_id.as_deref().map(Into::into));
    let data = json!({ "job_id": job.id, "job_type": job.kind, "status": job.status, "error": job.error });
    Some((scope, NewEvent { kind, data, at }))
}

/// Tells watchers of new states, and engines of jobs that wait again.
async fn announce(core: &Core, jobs: &[Job], parents: &[Job]) {
    let signals = &core.parts.signals;
    for job in jobs.iter().chain(parents) {
        signals.send(Signal::JobChanged { project: job.project, job: job.id }).await;
    }
    for job in jobs.iter().filter(|job| job.status.is_terminal()) {
        tracing::debug!(job.id = %job.id, job.kind = %job.kind, job.status = %job.status, "a job ended");
        metrics::counter!("commandcenter_jobs_finished_total", "job_type" => job.kind.as_str(), "outcome" => job.status.as_str())
            .increment(1);
    }
    // The scheduler follows what became of its jobs by this.
    if jobs.iter().any(|job| job.status.is_terminal()) {
        signals.send(Signal::EventsReady).await;
    }
    let may_start = jobs.iter().any(|job| !job.status.is_terminal()) || parents.iter().any(|parent| parent.open_children == 0);
    // Others may have waited for its key, here or in another process.
    let frees_a_key = jobs.iter().any(|job| job.kind.exclusive_key(&job.parameters).is_some());
    if may_start || frees_a_key {
        signals.send(Signal::JobsReady).await;
    }
}
