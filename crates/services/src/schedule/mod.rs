//! Schedules of a project: made, changed and run by its maintainers, seen by all of its members.

mod execute;
mod task;

use std::sync::Arc;

use commandcenter_domain::event::SignalBus;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::schedule::{
    Cursor, DisabledReason, HealthReport, Plan, Schedule, ScheduleError, ScheduleFilter, ScheduleInput, ScheduleRun, ScheduleSort,
    ScheduleStatistics, Task, TimingInput,
};
use commandcenter_domain::shared::{Invalid, Patch, Precondition, ScheduleId, Sort, Timestamp};
use commandcenter_domain::{Clock, Page, PageRequest, Store, StoreError, Tx};
use serde_json::json;

use crate::job::require_subject;
use crate::journal::{self, Entry};

pub use execute::{Executed, Force};
pub use task::TaskInput;

/// Fires ahead that are shown.
const AHEAD: usize = 5;

/// What a client says of a schedule.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// The plan.
    pub plan: ScheduleInput,
    /// What its jobs do.
    pub task: TaskInput,
    /// Whether it fires.
    pub enabled: Patch<bool>,
}

/// A schedule as it is seen at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The schedule.
    pub schedule: Schedule,
    /// Whether it is enabled and inside of its window.
    pub is_active: bool,
    /// Its next fires; none while it is disabled.
    pub next_runs: Vec<Timestamp>,
}

/// Use cases of schedules.
pub struct ScheduleService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    signals: Arc<dyn SignalBus>,
}

impl std::fmt::Debug for ScheduleService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScheduleService")
    }
}

impl ScheduleService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, signals: Arc<dyn SignalBus>) -> Self {
        Self { store, clock, signals }
    }

    /// A page of the project's schedules, newest first unless sorted otherwise.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &ScheduleFilter,
        sort: Option<Sort<ScheduleSort>>,
        page: PageRequest,
    ) -> Result<Page<Seen>, ScheduleError> {
        let page = self.store.repos().schedules().list(scope, filter, sort, page).await?;
        Ok(page.map(|schedule| self.seen(schedule)))
    }

    /// A page of those whose time has come and that no scheduler has fired yet.
    pub async fn due(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Seen>, ScheduleError> {
        let page = self.store.repos().schedules().list_due(scope, self.clock.now(), page).await?;
        Ok(page.map(|schedule| self.seen(schedule)))
    }

    /// One schedule.
    pub async fn get(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Seen, ScheduleError> {
        let schedule = self.store.repos().schedules().find(scope, id).await?.ok_or(ScheduleError::NotFound(id))?;
        Ok(self.seen(schedule))
    }

    /// Its runs, newest first.
    pub async fn runs(&self, scope: &ProjectScope, id: ScheduleId, cursor: Cursor) -> Result<Vec<ScheduleRun>, ScheduleError> {
        let repos = self.store.repos();
        repos.schedules().find(scope, id).await?.ok_or(ScheduleError::NotFound(id))?;
        Ok(repos.schedules().runs(scope, id, cursor).await?)
    }

    /// Figures over the project's schedules, in one statement.
    pub async fn statistics(&self, scope: &ProjectScope) -> Result<ScheduleStatistics, ScheduleError> {
        Ok(ScheduleStatistics::of(&self.store.repos().schedules().tally(scope).await?))
    }

    /// Which schedules need attention, and the moment it was looked.
    pub async fn health(&self, scope: &ProjectScope) -> Result<(HealthReport, Timestamp), ScheduleError> {
        let now = self.clock.now();
        let schedules = self.store.repos().schedules().all(scope).await?;
        Ok((HealthReport::of(&schedules, now), now))
    }

    /// The next fires of a timing that is not saved; with the zone's name. Any member may look ahead.
    ///
    /// # Errors
    /// [`ScheduleError::Invalid`] as when it were saved.
    pub fn preview(&self, _: &ProjectScope, input: TimingInput) -> Result<(&'static str, Vec<Timestamp>), ScheduleError> {
        let now = self.clock.now();
        let timing = input.alone()?;
        timing.require_fire(now, now)?;
        Ok((timing.zone.name(), timing.next_fires(now, now, AHEAD)))
    }

    /// Makes a schedule.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, change: ScheduleChange) -> Result<Seen, ScheduleError> {
        scope.require(Role::Maintainer)?;
        let ScheduleChange { plan, task, enabled } = change;
        let enabled = wanted(enabled)?.unwrap_or(true);
        let now = self.clock.now();
        let request = task.request(None)?;
        let plan = plan.over(None, request.clone().map(task::task_of))?;
        let next = plan.timing.require_fire(now, now)?;
        let tx = self.store.begin().await?;
        if let Ok(request) = &request {
            require_subject(&*tx, scope, request).await.map_err(ScheduleError::Task)?;
        }
        let schedule = tx.schedules().insert(scope, &plan, enabled.then_some(next), now).await?;
        record(&*tx, scope, &schedule, (CREATED, now)).await?;
        self.committed(tx, schedule).await
    }

    /// Changes a schedule. A change of its times, or enabling it, computes the next fire anew.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), schedule.id = %id))]
    pub async fn update(
        &self,
        scope: &ProjectScope,
        id: ScheduleId,
        change: ScheduleChange,
        condition: &Precondition,
    ) -> Result<Seen, ScheduleError> {
        scope.require(Role::Maintainer)?;
        let ScheduleChange { plan, task, enabled } = change;
        let enabled = wanted(enabled)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, condition).await?;
        let task = changed_task(&*tx, scope, task, &before.plan.task).await?;
        let plan = plan.over(Some(&before.plan), task)?;
        let schedule = moved(before, plan, enabled, now)?;
        tx.schedules().update(scope, &schedule).await?;
        record(&*tx, scope, &schedule, (UPDATED, now)).await?;
        self.committed(tx, schedule).await
    }

    /// Deletes a schedule and its history. Jobs that it made stay.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), schedule.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: ScheduleId, condition: &Precondition) -> Result<(), ScheduleError> {
        scope.require(Role::Maintainer)?;
        let tx = self.store.begin().await?;
        let schedule = found(&*tx, scope, id, condition).await?;
        tx.schedules().delete(scope, id).await?;
        record(&*tx, scope, &schedule, (DELETED, self.clock.now())).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets a schedule fire from now on. One that does already stays as it is.
    ///
    /// # Errors
    /// [`ScheduleError::Finished`] when it would never fire.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), schedule.id = %id))]
    pub async fn enable(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Seen, ScheduleError> {
        scope.require(Role::Maintainer)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let schedule = found(&*tx, scope, id, &Precondition::Nothing).await?;
        if schedule.is_enabled() {
            return Ok(self.seen(schedule));
        }
        let schedule = schedule.enabled(now).ok_or(ScheduleError::Finished)?;
        tx.schedules().update(scope, &schedule).await?;
        record(&*tx, scope, &schedule, (ENABLED, now)).await?;
        self.committed(tx, schedule).await
    }

    /// Keeps a schedule from firing. Jobs that it made go on. One that is disabled already stays as it is.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), schedule.id = %id))]
    pub async fn disable(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Seen, ScheduleError> {
        scope.require(Role::Maintainer)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let schedule = found(&*tx, scope, id, &Precondition::Nothing).await?;
        if !schedule.is_enabled() {
            return Ok(self.seen(schedule));
        }
        let schedule = schedule.disabled(DisabledReason::Manual, now);
        tx.schedules().update(scope, &schedule).await?;
        record(&*tx, scope, &schedule, (DISABLED, now)).await?;
        self.committed(tx, schedule).await
    }

    fn seen(&self, schedule: Schedule) -> Seen {
        let now = self.clock.now();
        let next_runs = match schedule.next_run_at {
            // What is due has not fired: it comes first.
            Some(next) => std::iter::successors(Some(next), |last| schedule.next_after(*last)).take(AHEAD).collect(),
            None => Vec::new(),
        };
        Seen { is_active: schedule.is_active(now), next_runs, schedule }
    }

    /// Commits; the event in it wakes relays and schedulers.
    async fn committed(&self, tx: Box<dyn Tx>, schedule: Schedule) -> Result<Seen, ScheduleError> {
        tx.commit().await?;
        Ok(self.seen(schedule))
    }
}

/// The schedule, kept still until the transaction ends, if the caller's condition holds.
async fn found(tx: &dyn Tx, scope: &ProjectScope, id: ScheduleId, condition: &Precondition) -> Result<Schedule, ScheduleError> {
    let schedule = tx.schedules().find_for_update(scope, id).await?.ok_or(ScheduleError::NotFound(id))?;
    if condition.holds(schedule.version) { Ok(schedule) } else { Err(ScheduleError::Stale { current: schedule.version }) }
}

fn wanted(enabled: Patch<bool>) -> Result<Option<bool>, Invalid> {
    match enabled {
        Patch::Keep => Ok(None),
        Patch::Clear => Err(Invalid::one("enabled", "null", "must not be null")),
        Patch::Set(enabled) => Ok(Some(enabled)),
    }
}

type CheckedTask = Result<Task, Vec<commandcenter_domain::FieldError>>;

/// The task after a change. One that is not mentioned is not looked at: what it works on may be gone, and its runs will say so.
async fn changed_task(tx: &dyn Tx, scope: &ProjectScope, input: TaskInput, before: &Task) -> Result<CheckedTask, ScheduleError> {
    if input.is_empty() {
        return Ok(Ok(before.clone()));
    }
    let request = input.request(Some(before))?;
    if let Ok(request) = &request {
        require_subject(tx, scope, request).await.map_err(ScheduleError::Task)?;
    }
    Ok(request.map(task::task_of))
}

/// The schedule with its new plan and state.
fn moved(before: Schedule, plan: Plan, enabled: Option<bool>, now: Timestamp) -> Result<Schedule, Invalid> {
    let (was, is) = (before.is_enabled(), enabled.unwrap_or(before.is_enabled()));
    let times_changed = plan.timing != before.plan.timing;
    let mut after = Schedule { plan, version: before.version + 1, updated_at: now, ..before };
    if times_changed || (is && !was) {
        after.next_run_at = Some(after.plan.timing.require_fire(now, after.created_at)?);
    }
    if !is {
        after.next_run_at = None;
        after.disabled_reason = after.disabled_reason.or(Some(DisabledReason::Manual));
    } else if !was {
        after.disabled_reason = None;
        after.counters.consecutive_failures = 0;
    }
    Ok(after)
}

type Told = (&'static str, &'static str);

const CREATED: Told = ("schedule.created", "cc.schedule.created.v1");
const UPDATED: Told = ("schedule.updated", "cc.schedule.updated.v1");
const DELETED: Told = ("schedule.deleted", "cc.schedule.deleted.v1");
const ENABLED: Told = ("schedule.enabled", "cc.schedule.enabled.v1");
const DISABLED: Told = ("schedule.disabled", "cc.schedule.disabled.v1");

async fn record(tx: &dyn Tx, scope: &ProjectScope, schedule: &Schedule, ((action, kind), at): (Told, Timestamp)) -> Result<(), StoreError> {
    let detail = json!({
        "name": schedule.plan.name,
        "task_type": schedule.plan.task.kind,
        "frequency": schedule.plan.timing.rule.frequency(),
        "enabled": schedule.is_enabled(),
        "reason": schedule.disabled_reason,
        "version": schedule.version,
    });
    journal::record(tx, scope, Entry { action, kind, entity: "schedule", id: schedule.id.get(), detail, at }).await
}
