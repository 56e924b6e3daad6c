//! From rows to runs of schedules and back.

use commandcenter_domain::StoreError;
use commandcenter_domain::schedule::{NewRun, RunOutcome, Schedule, ScheduleRun, Trigger};
use commandcenter_domain::shared::{JobId, ProjectId, ScheduleId, ScheduleRunId};
use sea_orm::ActiveValue::Set;

use crate::entity::schedule_run::{ActiveModel, Model};
use crate::error::broken;

pub(super) fn inserted(schedule: &Schedule, run: &NewRun) -> ActiveModel {
    let NewRun { fire_at, trigger, outcome, job, note, at } = run;
    ActiveModel {
        schedule_id: Set(schedule.id.get()),
        project_id: Set(schedule.project.get()),
        fire_at: Set(*fire_at),
        trigger_kind: Set(trigger.as_str().to_owned()),
        outcome: Set(outcome.as_str().to_owned()),
        job_id: Set(job.map(JobId::get)),
        note: Set(note.clone()),
        created_at: Set(*at),
        started_at: Set(job.map(|_| *at)),
        finished_at: Set(outcome.is_final().then_some(*at)),
        ..Default::default()
    }
}

/// The run in a row.
///
/// # Errors
/// [`StoreError::Broken`] for a row that this version cannot read.
pub(super) fn run(row: Model) -> Result<ScheduleRun, StoreError> {
    let unknown = |column: &str| broken(format!("run {} of a schedule: {column} holds something unknown", row.id));
    Ok(ScheduleRun {
        id: ScheduleRunId::new(row.id),
        schedule: ScheduleId::new(row.schedule_id),
        project: ProjectId::new(row.project_id),
        fire_at: row.fire_at,
        trigger: Trigger::parse(&row.trigger_kind).ok_or_else(|| unknown("trigger_kind"))?,
        outcome: RunOutcome::parse(&row.outcome).ok_or_else(|| unknown("outcome"))?,
        job: row.job_id.map(JobId::new),
        note: row.note,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
