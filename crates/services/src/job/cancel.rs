//! Cancelling: what waits ends at once, what runs is asked to stop, and a batch takes its children along.

use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{BulkFilter, Job, JobError};
use commandcenter_domain::shared::{JobId, Timestamp};
use commandcenter_domain::{StoreError, Tx};

use super::{Change, JobService, record, told};

impl JobService {
    /// Cancels a waiting job at once and asks a running one to stop.
    ///
    /// # Errors
    /// [`JobError::Finished`] when it has ended.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), job.id = %id))]
    pub async fn cancel(&self, scope: &ProjectScope, id: JobId) -> Result<Job, JobError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let Some(job) = tx.jobs().cancel(scope, id, now).await? else {
            let job = tx.jobs().find(scope, id).await?.ok_or(JobError::NotFound(id))?;
            return Err(JobError::Finished(job.status));
        };
        let cancelled = with_children(&*tx, scope, vec![job.clone()], now).await?;
        record(&*tx, scope, &job, Change { verb: "job.cancel_requested", event: None, at: now }).await?;
        tx.commit().await?;
        self.tell_cancelled(&cancelled).await;
        Ok(job)
    }

    pub(super) async fn tell_cancelled(&self, jobs: &[Job]) {
        for job in jobs {
            self.signals.send(Signal::JobCancel { job: job.id }).await;
            self.changed(job).await;
        }
        // A batch whose last part ended may go on.
        if jobs.iter().any(|job| job.parent.is_some() && job.status.is_terminal()) {
            self.signals.send(Signal::JobsReady).await;
        }
    }
}

/// What follows from the cancel of jobs: those of a batch go with it, one of a batch is counted off, and the end of each is told. What
/// runs is cancelled by its run, which does the same then. Gives the jobs and their children.
pub(super) async fn with_children(tx: &dyn Tx, scope: &ProjectScope, mut jobs: Vec<Job>, at: Timestamp) -> Result<Vec<Job>, StoreError> {
    let parents: Vec<_> = jobs.iter().filter(|job| job.open_children > 0).map(|job| job.id).collect();
    if !parents.is_empty() {
        let children = BulkFilter { parents, ..BulkFilter::default() };
        jobs.extend(tx.jobs().cancel_all(scope, (&children, u64::from(u32::MAX)), at).await?);
    }
    let ended: Vec<_> = jobs.iter().filter(|job| job.status.is_terminal()).collect();
    tx.job_ledger().children_ended(&ended).await?;
    let events = ended.iter().map(|job| (scope.clone(), NewEvent { kind: "cc.job.cancelled.v1", data: told(job), at }));
    tx.outbox().publish_all(events.collect()).await?;
    Ok(jobs)
}
