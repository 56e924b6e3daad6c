//! Lets the outcomes of jobs flow back into the schedules that made them.

use commandcenter_domain::StoreError;
use commandcenter_domain::schedule::{Closing, DisabledReason, EndedRun, RunOutcome, Schedule, ScheduleRun};

use super::effects::Effects;
use super::fire::{self, Firing};
use super::scheduler::SchedulerParts;

/// Runs per look at the table.
const BATCH: u64 = 100;

/// What people read of a run whose job was deleted.
const GONE: &str = "its job was deleted";

/// Closes the open runs whose jobs are over. Each is a transaction of its own.
pub(super) async fn settle_ended(parts: &SchedulerParts) -> Result<(), StoreError> {
    loop {
        let ended = parts.store.repos().schedule_ledger().ended(BATCH).await?;
        for one in &ended {
            settle(parts, one).await?;
        }
        if (ended.len() as u64) < BATCH {
            return Ok(());
        }
    }
}

async fn settle(parts: &SchedulerParts, ended: &EndedRun) -> Result<(), StoreError> {
    let mut effects = Effects::default();
    let tx = parts.store.begin().await?;
    let at = Firing { tx: &*tx, now: parts.clock.now() };
    // The schedule may have been deleted, and its runs with it.
    let Some(schedule) = tx.schedule_ledger().lock(ended.run.schedule).await? else { return Ok(()) };
    let schedule = close(&at, schedule, ended, &mut effects).await?;
    let schedule = release(&at, schedule, &mut effects).await?;
    tx.schedule_ledger().advance(&schedule).await?;
    tx.commit().await?;
    effects.send(&*parts.signals).await;
    Ok(())
}

/// The schedule with those of its runs closed whose jobs ended without anybody having looked yet. Who is about to fire it holds it, so
/// what is open after this does run.
pub(super) async fn refresh(at: &Firing<'_>, schedule: Schedule, effects: &mut Effects) -> Result<Schedule, StoreError> {
    let scope = fire::scope(&schedule);
    let mut schedule = schedule;
    for run in at.tx.schedule_ledger().open_runs(schedule.id).await? {
        let Some(id) = run.job else { continue };
        let job = at.tx.jobs().find(&scope, id).await?;
        if job.as_ref().is_none_or(|job| job.status.is_terminal()) {
            let (status, ended_at) = (job.as_ref().map(|job| job.status), job.as_ref().and_then(|job| job.completed_at));
            let ended = EndedRun { run, status, error: job.and_then(|job| job.error), ended_at };
            schedule = close(at, schedule, &ended, effects).await?;
        }
    }
    release(at, schedule, effects).await
}

/// Closes a run, once, and moves the schedule's counters with it.
async fn close(at: &Firing<'_>, schedule: Schedule, ended: &EndedRun, effects: &mut Effects) -> Result<Schedule, StoreError> {
    let outcome = ended.outcome();
    let note = if ended.status.is_none() { Some(GONE) } else { ended.error.as_deref() };
    let note = note.filter(|_| outcome != RunOutcome::Completed);
    let when = ended.ended_at.unwrap_or(at.now);
    if !outcome.is_final() || !at.tx.schedule_ledger().close(ended.run.id, Closing { outcome, note, at: when }).await? {
        return Ok(schedule);
    }
    let was_enabled = schedule.is_enabled();
    let schedule = schedule.ended(outcome, note, when);
    if was_enabled && !schedule.is_enabled() {
        tracing::warn!(schedule.id = %schedule.id, failures = schedule.counters.consecutive_failures, "a schedule was disabled");
        fire::disabled(at, &schedule, effects).await?;
    }
    Ok(schedule)
}

/// Starts the run that waits longest once nothing runs. What waits while the schedule is disabled is given up, unless the schedule has
/// merely come to its end.
async fn release(at: &Firing<'_>, schedule: Schedule, effects: &mut Effects) -> Result<Schedule, StoreError> {
    let open = at.tx.schedule_ledger().open_runs(schedule.id).await?;
    if open.iter().any(|run| run.job.is_some()) {
        return Ok(schedule);
    }
    match schedule.disabled_reason {
        None | Some(DisabledReason::Finished) => match open.first() {
            Some(run) => fire::begin(at, schedule, run, effects).await,
            None => Ok(schedule),
        },
        Some(DisabledReason::Manual | DisabledReason::Failures) => {
            give_up(at, &open).await?;
            Ok(schedule)
        }
    }
}

async fn give_up(at: &Firing<'_>, waiting: &[ScheduleRun]) -> Result<(), StoreError> {
    let closing = Closing { outcome: RunOutcome::Cancelled, note: Some("the schedule was disabled while it waited"), at: at.now };
    for run in waiting {
        at.tx.schedule_ledger().close(run.id, closing).await?;
    }
    Ok(())
}
