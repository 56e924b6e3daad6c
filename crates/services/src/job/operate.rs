//! Operating jobs: round again, many at once, and the switches of queues.

use std::collections::{BTreeMap, BTreeSet};

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::Signal;
use commandcenter_domain::identity::{Actor, Caller, ProjectScope, Role};
use commandcenter_domain::job::{BulkFilter, Job, JobError, JobStatus, QueueFigures, QueueName, Step};
use commandcenter_domain::shared::{JobId, Timestamp};
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;

use super::cancel::with_children;
use super::{Change, JobService, record};

/// Most jobs that one transaction of a bulk operation takes: locks stay short, and what was done so far stays done.
const AT_ONCE: u64 = 500;

/// What many jobs are sent through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    /// Round again.
    Retry,
    /// To a stop.
    Cancel,
    /// Away.
    Discard,
}

/// What an operator does to a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// No more claims.
    Pause,
    /// Claims again.
    Resume,
}

impl Bulk {
    const fn verb(self) -> &'static str {
        match self {
            Self::Retry => "job.retried_in_bulk",
            Self::Cancel => "job.cancelled_in_bulk",
            Self::Discard => "job.discarded_in_bulk",
        }
    }

    /// The states that are meant when none is named.
    fn usual(self) -> Vec<JobStatus> {
        match self {
            Self::Retry => vec![JobStatus::Failed, JobStatus::Dead],
            Self::Cancel => JobStatus::allowing(Step::Cancel),
            Self::Discard => vec![JobStatus::Dead],
        }
    }
}

impl JobService {
    /// Sends a failed, dead or cancelled job round again from its first attempt; of a batch, those children that did not complete.
    ///
    /// # Errors
    /// [`JobError::NotRetryable`] in any other state, [`JobError::KeyTaken`] while another job does the same.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), job.id = %id))]
    pub async fn retry(&self, scope: &ProjectScope, id: JobId) -> Result<Job, JobError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let job = tx.jobs().find(scope, id).await?.ok_or(JobError::NotFound(id))?;
        let only = BulkFilter { ids: vec![id], ..BulkFilter::default() };
        if !job.status.allows(Step::Revive) {
            return Err(JobError::NotRetryable(job.status));
        }
        let revived = tx.jobs().revive(scope, (&only, 1), now).await?.pop().ok_or(JobError::KeyTaken)?;
        let job = revive_children(&*tx, scope, revived, now).await?;
        record(&*tx, scope, &job, Change { verb: "job.retried", event: None, at: now }).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        self.changed(&job).await;
        Ok(job)
    }

    /// Does the same to every job that a filter names; tells to how many.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn bulk(&self, scope: &ProjectScope, bulk: Bulk, filter: BulkFilter) -> Result<u64, JobError> {
        scope.require(Role::Member)?;
        let filter = BulkFilter { status: if filter.status.is_empty() { bulk.usual() } else { filter.status }, ..filter };
        let mut total = 0;
        loop {
            let (chosen, done) = self.some(scope, bulk, &filter).await?;
            total += done;
            if chosen < AT_ONCE {
                break;
            }
        }
        if bulk != Bulk::Cancel {
            self.signals.send(Signal::JobsReady).await;
        }
        Ok(total)
    }

    /// One transaction of it. Tells how many jobs the filter gave, and how many were changed with those that follow from them.
    async fn some(&self, scope: &ProjectScope, bulk: Bulk, filter: &BulkFilter) -> Result<(u64, u64), JobError> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let (jobs, chosen) = match bulk {
            Bulk::Retry => {
                let jobs = tx.jobs().revive(scope, (filter, AT_ONCE), now).await?;
                recount(&*tx, scope, &jobs).await?;
                counted(jobs)
            }
            Bulk::Cancel => {
                let (jobs, chosen) = counted(tx.jobs().cancel_all(scope, (filter, AT_ONCE), now).await?);
                (with_children(&*tx, scope, jobs, now).await?, chosen)
            }
            Bulk::Discard => (Vec::new(), tx.jobs().discard(scope, (filter, AT_ONCE)).await?),
        };
        let count = chosen.max(jobs.len() as u64);
        if count > 0 {
            let mut kinds = BTreeMap::<&str, u64>::new();
            for job in &jobs {
                *kinds.entry(job.kind.as_str()).or_default() += 1;
            }
            let detail = json!({ "count": count, "by_type": kinds });
            tx.audit().record(scope, NewAudit { action: bulk.verb(), entity: "job", entity_id: 0, detail, at: now }).await?;
        }
        tx.commit().await?;
        if bulk == Bulk::Cancel {
            self.tell_cancelled(&jobs).await;
        } else {
            for job in &jobs {
                self.changed(job).await;
            }
        }
        Ok((chosen, count))
    }

    /// How every queue of the instance stands.
    pub async fn queues(&self) -> Result<Vec<QueueFigures>, JobError> {
        Ok(self.store.repos().job_queues().figures(self.clock.now()).await?)
    }

    /// Stops or allows claims from a queue. What runs goes on.
    ///
    /// # Errors
    /// [`JobError::NotAdmin`] for everybody but an instance administrator.
    #[tracing::instrument(skip_all, fields(queue = %queue))]
    pub async fn set_paused(&self, caller: &Caller, queue: QueueName, switch: Switch) -> Result<QueueFigures, JobError> {
        if !caller.manages_instance() {
            return Err(JobError::NotAdmin);
        }
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        tx.job_queues().set_paused(queue, switch == Switch::Pause, now).await?;
        let verb = match switch {
            Switch::Pause => "queue.paused",
            Switch::Resume => "queue.resumed",
        };
        let detail = json!({ "queue": queue.as_str() });
        tx.audit()
            .record_instance(Actor::User(caller.user), NewAudit { action: verb, entity: "queue", entity_id: 0, detail, at: now })
            .await?;
        let figures = tx.job_queues().figures(now).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        figures.into_iter().find(|one| one.queue == queue).ok_or_else(|| JobError::NoQueue(queue.as_str().to_owned()))
    }
}

fn counted(jobs: Vec<Job>) -> (Vec<Job>, u64) {
    let count = jobs.len() as u64;
    (jobs, count)
}

/// Sends the children round again that did not complete, and lets their parent wait for them.
async fn revive_children(tx: &dyn Tx, scope: &ProjectScope, parent: Job, at: Timestamp) -> Result<Job, JobError> {
    let children = BulkFilter { parents: vec![parent.id], ..BulkFilter::default() };
    tx.jobs().revive(scope, (&children, u64::from(u32::MAX)), at).await?;
    let mut counted = recount(tx, scope, std::slice::from_ref(&parent)).await?;
    let position = counted.iter().position(|job| job.id == parent.id);
    Ok(position.map_or(parent, |position| counted.swap_remove(position)))
}

/// Jobs that were sent round again, and the parents of such, count their children anew. Gives those that have children.
async fn recount(tx: &dyn Tx, scope: &ProjectScope, revived: &[Job]) -> Result<Vec<Job>, StoreError> {
    let concerned: BTreeSet<_> = revived.iter().flat_map(|job| [Some(job.id), job.parent]).flatten().collect();
    tx.jobs().reopen(scope, &concerned.into_iter().collect::<Vec<_>>()).await
}
