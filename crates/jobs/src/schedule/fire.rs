//! Fires what is due.

use chrono::TimeDelta;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::schedule::{Closing, DisabledReason, Due, NewRun, Overlap, RunOutcome, Schedule, ScheduleRun, Trigger};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;

use super::effects::Effects;
use super::outcome;
use super::scheduler::SchedulerParts;

/// Schedules per transaction.
const BATCH: u64 = 20;
/// Time until the next look at what another scheduler held.
const HELD_ELSEWHERE: TimeDelta = TimeDelta::milliseconds(250);
/// Most runs of a schedule that wait for an earlier one.
const MOST_WAITING: usize = 100;

/// Fires everything that is due, and tells when the next fire is.
pub(super) async fn fire_due(parts: &SchedulerParts) -> Result<Option<Timestamp>, StoreError> {
    loop {
        let now = parts.clock.now();
        // A look that finds nothing takes no lock.
        let next = parts.store.repos().schedule_ledger().next_due().await?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        if batch(parts, now).await? == 0 {
            // Another scheduler holds what is due. It may die over it, so this one looks again before long.
            return Ok(Some(now + HELD_ELSEWHERE));
        }
    }
}

async fn batch(parts: &SchedulerParts, now: Timestamp) -> Result<usize, StoreError> {
    let mut effects = Effects::default();
    let tx = parts.store.begin().await?;
    let due = tx.schedule_ledger().due(now, BATCH).await?;
    let fired = due.len();
    for schedule in due {
        fire(&Firing { tx: &*tx, now }, schedule, &mut effects).await?;
    }
    tx.commit().await?;
    effects.send(&*parts.signals).await;
    Ok(fired)
}

/// The transaction and the moment of a fire.
pub(super) struct Firing<'a> {
    pub(super) tx: &'a dyn Tx,
    pub(super) now: Timestamp,
}

async fn fire(at: &Firing<'_>, schedule: Schedule, effects: &mut Effects) -> Result<(), StoreError> {
    let Due { fires, passed_over, next } = schedule.due(at.now);
    let mut schedule = schedule;
    for fire_at in fires {
        let lag = (at.now - fire_at).to_std().unwrap_or_default();
        metrics::histogram!("commandcenter_schedule_lag_seconds").record(lag);
        schedule = one(at, schedule, fire_at, effects).await?;
    }
    if let Some(fire_at) = passed_over {
        record(at, &schedule, fire_at, (RunOutcome::Skipped, Some("its time had passed before a scheduler saw it"))).await?;
    }
    // Failures that were only now seen may have disabled it.
    if schedule.is_enabled() {
        match next {
            Some(next) => schedule.next_run_at = Some(next),
            None => {
                schedule = schedule.disabled(DisabledReason::Finished, at.now);
                disabled(at, &schedule, effects).await?;
            }
        }
    }
    at.tx.schedule_ledger().advance(&schedule).await
}

/// One fire, under the schedule's overlap policy.
async fn one(at: &Firing<'_>, schedule: Schedule, fire_at: Timestamp, effects: &mut Effects) -> Result<Schedule, StoreError> {
    let schedule = outcome::refresh(at, schedule, effects).await?;
    if !schedule.is_enabled() {
        // A failure that nobody had seen yet was one too many.
        return Ok(schedule);
    }
    let open = at.tx.schedule_ledger().open_runs(schedule.id).await?;
    if open.is_empty() {
        return start(at, schedule, fire_at, effects).await;
    }
    let waiting = open.iter().filter(|run| run.job.is_none()).count();
    let passed_over = match schedule.plan.overlap {
        Overlap::Skip => Some("an earlier run had not ended"),
        Overlap::Queue if waiting >= MOST_WAITING => Some("too many runs wait already"),
        Overlap::CancelOld if supersede(at, &schedule, &open, effects).await? == 0 => return start(at, schedule, fire_at, effects).await,
        Overlap::Queue | Overlap::CancelOld => None,
    };
    let outcome = if passed_over.is_some() { RunOutcome::Skipped } else { RunOutcome::Waiting };
    record(at, &schedule, fire_at, (outcome, passed_over)).await?;
    Ok(schedule)
}

/// Gives up what is open: what waits at once, what runs as soon as it has stopped. Tells how many still have to stop.
async fn supersede(at: &Firing<'_>, schedule: &Schedule, open: &[ScheduleRun], effects: &mut Effects) -> Result<usize, StoreError> {
    let scope = scope(schedule);
    let mut stopping = 0;
    for run in open {
        if let Some(id) = run.job {
            effects.cancelled.push((run.project, id));
            let Some(job) = at.tx.jobs().cancel(&scope, id, at.now).await?.filter(|job| job.status.is_terminal()) else {
                stopping += 1;
                continue;
            };
            // One that runs is cancelled by its run, which tells of it then.
            let data = json!({ "job_id": job.id, "job_type": job.kind, "status": job.status, "error": job.error });
            at.tx.outbox().publish(&scope, NewEvent { kind: "cc.job.cancelled.v1", data, at: at.now }).await?;
        }
        let note = Some("a later run took its place");
        at.tx.schedule_ledger().close(run.id, Closing { outcome: RunOutcome::Cancelled, note, at: at.now }).await?;
    }
    Ok(stopping)
}

async fn start(at: &Firing<'_>, schedule: Schedule, fire_at: Timestamp, effects: &mut Effects) -> Result<Schedule, StoreError> {
    match record(at, &schedule, fire_at, (RunOutcome::Waiting, None)).await? {
        Some(run) => begin(at, schedule, &run, effects).await,
        // The time was fired before, by a scheduler that knew another next time.
        None => Ok(schedule),
    }
}

/// Makes the job of a run.
pub(super) async fn begin(at: &Firing<'_>, schedule: Schedule, run: &ScheduleRun, effects: &mut Effects) -> Result<Schedule, StoreError> {
    let scope = scope(&schedule);
    let job = at.tx.jobs().enqueue(&scope, schedule.job(run.fire_at, run.trigger, at.now)).await?;
    at.tx.schedule_ledger().begin(run.id, job.id, at.now).await?;
    let data = json!({ "id": schedule.id, "name": schedule.plan.name, "fire_at": run.fire_at, "job_id": job.id, "run_id": run.id });
    at.tx.outbox().publish(&scope, NewEvent { kind: "cc.schedule.fired.v1", data, at: at.now }).await?;
    effects.jobs = true;
    effects.events = true;
    Ok(schedule.ran(at.now))
}

async fn record(
    at: &Firing<'_>,
    schedule: &Schedule,
    fire_at: Timestamp,
    (outcome, note): (RunOutcome, Option<&str>),
) -> Result<Option<ScheduleRun>, StoreError> {
    metrics::counter!("commandcenter_schedule_fires_total", "outcome" => outcome.as_str()).increment(1);
    let note = note.map(str::to_owned);
    let run = NewRun { fire_at, trigger: Trigger::Schedule, outcome, job: None, note, at: at.now };
    at.tx.schedule_ledger().record(schedule, &run).await
}

/// Tells that a schedule fires no more, and why.
pub(super) async fn disabled(at: &Firing<'_>, schedule: &Schedule, effects: &mut Effects) -> Result<(), StoreError> {
    let data = json!({
        "id": schedule.id,
        "name": schedule.plan.name,
        "reason": schedule.disabled_reason,
        "consecutive_failures": schedule.counters.consecutive_failures,
        "last_error": schedule.counters.last_error,
    });
    effects.events = true;
    at.tx.outbox().publish(&scope(schedule), NewEvent { kind: "cc.schedule.disabled.v1", data, at: at.now }).await
}

pub(super) const fn scope(schedule: &Schedule) -> ProjectScope {
    ProjectScope::of_schedule(schedule.project, schedule.id)
}
