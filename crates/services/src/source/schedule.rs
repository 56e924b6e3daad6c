//! The schedule that reads a source: an ordinary schedule whose jobs are the source's.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::JobKind;
use commandcenter_domain::schedule::{DisabledReason, Schedule, Task};
use commandcenter_domain::shared::{ScheduleId, Timestamp};
use commandcenter_domain::source::{NewSource, Source, SourceError};
use commandcenter_domain::{Patch, Tx};
use serde_json::json;

/// Makes, changes or removes the schedule of a source as its new form says.
pub(super) async fn arrange(
    tx: &dyn Tx,
    scope: &ProjectScope,
    source: &Source,
    (new, now): (&NewSource, Timestamp),
) -> Result<(), SourceError> {
    let stored = match source.schedule {
        Some(id) => tx.schedules().find_for_update(scope, id).await?,
        None => None,
    };
    match (&new.schedule, stored) {
        (Patch::Set(cron), None) => {
            let made = make(tx, scope, source, (cron, now)).await?;
            tx.sources().set_schedule(scope, source.id, Some(made)).await?;
        }
        (Patch::Set(cron), Some(schedule)) => change(tx, scope, (source, schedule), (Some(cron), now)).await?,
        (Patch::Keep, Some(schedule)) => change(tx, scope, (source, schedule), (None, now)).await?,
        (Patch::Clear, Some(schedule)) => {
            tx.schedules().delete(scope, schedule.id).await?;
            tx.sources().set_schedule(scope, source.id, None).await?;
        }
        (Patch::Keep | Patch::Clear, None) => {}
    }
    Ok(())
}

fn task(source: &Source) -> Task {
    Task { kind: JobKind::SourceSync, parameters: json!({ "source_id": source.id }), tags: json!({}), priority: source.priority }
}

async fn make(tx: &dyn Tx, scope: &ProjectScope, source: &Source, (cron, now): (&str, Timestamp)) -> Result<ScheduleId, SourceError> {
    let plan = NewSource::plan(&source.name, cron, task(source))?;
    let next = plan.timing.require_fire(now, now).map_err(NewSource::about_schedule)?;
    Ok(tx.schedules().insert(scope, &plan, source.is_enabled.then_some(next), now).await?.id)
}

/// A schedule that somebody gave another rule by hand keeps it, until the source gets a new expression.
async fn change(
    tx: &dyn Tx,
    scope: &ProjectScope,
    (source, before): (&Source, Schedule),
    (cron, now): (Option<&String>, Timestamp),
) -> Result<(), SourceError> {
    let mut schedule = before.clone();
    schedule.plan.task = task(source);
    if let Some(cron) = cron {
        schedule.plan = NewSource::plan(&source.name, cron, task(source))?;
    }
    let times_moved = schedule.plan.timing != before.plan.timing;
    let mut schedule = match (source.is_enabled, before.is_enabled()) {
        (true, true) if !times_moved => schedule,
        (true, _) => {
            schedule.plan.timing.require_fire(now, now).map_err(NewSource::about_schedule)?;
            schedule.clone().enabled(now).unwrap_or(schedule)
        }
        (false, true) => schedule.disabled(DisabledReason::Manual, now),
        (false, false) => schedule,
    };
    if schedule != before {
        (schedule.version, schedule.updated_at) = (before.version + 1, now);
        tx.schedules().update(scope, &schedule).await?;
    }
    Ok(())
}
