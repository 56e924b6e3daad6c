//! Running a schedule by hand.

use commandcenter_domain::Tx;
use commandcenter_domain::event::Signal;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::schedule::{NewRun, RunOutcome, Schedule, ScheduleError, Trigger};
use commandcenter_domain::shared::{JobId, Precondition, ScheduleId, Timestamp};
use serde_json::json;

use super::{ScheduleService, found};
use crate::journal::{self, Entry};

/// Whether a run by hand asks for leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Only an active schedule without an open run.
    No,
    /// Whatever state it is in.
    Yes,
}

/// A run by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// The schedule after it.
    pub schedule: Schedule,
    /// Its job.
    pub job: JobId,
    /// When.
    pub at: Timestamp,
}

impl ScheduleService {
    /// Makes the schedule's job now. Its next fire stays as it is, and so does its being disabled; what comes of the run counts like
    /// any other.
    ///
    /// # Errors
    /// [`ScheduleError::Inactive`] and [`ScheduleError::Running`], unless forced.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), schedule.id = %id))]
    pub async fn execute(&self, scope: &ProjectScope, id: ScheduleId, force: Force) -> Result<Executed, ScheduleError> {
        scope.require(Role::Maintainer)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let schedule = found(&*tx, scope, id, &Precondition::Nothing).await?;
        if force == Force::No {
            require_leave(&*tx, scope, &schedule, now).await?;
        }
        let job = tx.jobs().enqueue(scope, schedule.job(now, Trigger::Manual, now)).await?;
        let run = NewRun { fire_at: now, trigger: Trigger::Manual, outcome: RunOutcome::Running, job: Some(job.id), note: None, at: now };
        if tx.schedule_ledger().record(&schedule, &run).await?.is_none() {
            // The very same microsecond: somebody was faster.
            return Err(ScheduleError::Running);
        }
        let schedule = schedule.ran(now);
        tx.schedule_ledger().advance(&schedule).await?;
        let detail = json!({ "name": schedule.plan.name, "job_id": job.id, "forced": force == Force::Yes });
        let (action, kind) = ("schedule.executed", "cc.schedule.executed.v1");
        journal::record(&*tx, scope, Entry { action, kind, entity: "schedule", id: id.get(), detail, at: now }).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        Ok(Executed { schedule, job: job.id, at: now })
    }
}

/// A run asks for leave of the schedule's state, and of its runs that have not ended.
async fn require_leave(tx: &dyn Tx, scope: &ProjectScope, schedule: &Schedule, now: Timestamp) -> Result<(), ScheduleError> {
    if !schedule.is_active(now) {
        return Err(ScheduleError::Inactive);
    }
    for run in tx.schedule_ledger().open_runs(schedule.id).await? {
        let Some(id) = run.job else { return Err(ScheduleError::Running) };
        // A job may have ended without the scheduler having looked yet.
        if tx.jobs().find(scope, id).await?.is_some_and(|job| !job.status.is_terminal()) {
            return Err(ScheduleError::Running);
        }
    }
    Ok(())
}
