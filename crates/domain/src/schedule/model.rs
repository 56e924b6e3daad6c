//! A schedule, its plan, and its runs.

use serde_json::{Value, json};

use crate::job::{JobKind, JobStatus, NewJob};
use crate::shared::{JobId, ProjectId, ScheduleId, ScheduleRunId, Timestamp, UserId};

use super::{DisabledReason, Misfire, Overlap, Rule, RunOutcome, Trigger, Zone, jitter};

/// Attempts of a job that a schedule makes.
const ATTEMPTS: i32 = 5;

/// The part of time in which a schedule may fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Its first moment.
    pub start: Option<Timestamp>,
    /// The first moment after it.
    pub end: Option<Timestamp>,
}

impl Window {
    /// Whether it holds a moment.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// The rule.
    pub rule: Rule,
    /// The zone whose clock the rule is read on.
    pub zone: Zone,
    /// When it may.
    pub window: Window,
}

/// What a schedule's jobs do.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Their kind.
    pub kind: JobKind,
    /// Their parameters, of the kind's form.
    pub parameters: Value,
    /// Their labels.
    pub tags: Value,
    /// 1 (last) to 10 (first).
    pub priority: i32,
}

/// What a client decides of a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// What its jobs do.
    pub task: Task,
    /// When it fires.
    pub timing: Timing,
    /// Most seconds by which a fire's job starts late.
    pub jitter_seconds: i32,
    /// What becomes of fires that were missed.
    pub misfire: Misfire,
    /// Most missed fires that [`Misfire::CatchUp`] runs.
    pub catch_up_limit: i32,
    /// What becomes of a fire while an earlier run has not ended.
    pub overlap: Overlap,
    /// Failures in a row that disable it; never when absent.
    pub max_failures: Option<i32>,
}

/// What came of a schedule's runs so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Jobs made.
    pub runs: i64,
    /// Jobs that completed.
    pub successes: i64,
    /// Jobs that failed.
    pub failures: i64,
    /// Jobs that failed since the last that completed, or since the schedule was enabled.
    pub consecutive_failures: i32,
    /// When a job was last made.
    pub last_run_at: Option<Timestamp>,
    /// When a job last completed.
    pub last_success_at: Option<Timestamp>,
    /// When a job last failed.
    pub last_failure_at: Option<Timestamp>,
    /// Why.
    pub last_error: Option<String>,
}

impl Counters {
    /// Percent of the ended runs that completed; `None` before the first.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        let ended = self.successes + self.failures;
        (ended > 0).then(|| self.successes as f64 * 100.0 / ended as f64)
    }
}

/// A schedule as it stands. **Invariant:** `next_run_at` is set exactly while it is enabled, and `disabled_reason` exactly while it is
/// not.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Whose it is.
    pub project: ProjectId,
    /// What was decided of it.
    pub plan: Plan,
    /// When it fires next.
    pub next_run_at: Option<Timestamp>,
    /// Why it does not fire.
    pub disabled_reason: Option<DisabledReason>,
    /// What came of it so far.
    pub counters: Counters,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// Goes up with every change of the plan, and when it is enabled or disabled.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its version last moved.
    pub updated_at: Timestamp,
}

impl Schedule {
    /// Whether it fires.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.disabled_reason.is_none()
    }

    /// Whether it fires and is inside of its window.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.is_enabled() && self.plan.timing.window.holds(now)
    }

    /// The first fire after a moment.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.plan.timing.next_after(after, self.created_at)
    }

    /// The job of a fire. It starts with the fire's jitter, which is the same whoever asks; a run that was made by hand has none.
    #[must_use]
    pub fn job(&self, fire_at: Timestamp, trigger: Trigger, now: Timestamp) -> NewJob {
        let Task { kind, parameters, tags, priority } = self.plan.task.clone();
        let late = match trigger {
            Trigger::Schedule => jitter::seconds(self.id, fire_at, self.plan.jitter_seconds),
            Trigger::Manual => 0,
        };
        let run_at = (fire_at + chrono::TimeDelta::seconds(late)).max(now);
        let tags = with_schedule(tags, self.id);
        NewJob { tags, priority, max_attempts: ATTEMPTS, run_at: Some(run_at), ..NewJob::ready(kind, parameters, now) }
    }

    /// The schedule after a job was made for it.
    #[must_use]
    pub fn ran(mut self, now: Timestamp) -> Self {
        self.counters.runs += 1;
        self.counters.last_run_at = Some(now);
        self
    }

    /// The schedule after a run of it ended. A cancelled or skipped run says nothing of its health; too many failures in a row disable
    /// it.
    #[must_use]
    pub fn ended(mut self, outcome: RunOutcome, error: Option<&str>, now: Timestamp) -> Self {
        match outcome {
            RunOutcome::Completed => {
                self.counters.successes += 1;
                self.counters.consecutive_failures = 0;
                self.counters.last_success_at = Some(now);
            }
            RunOutcome::Failed | RunOutcome::Dead => {
                self.counters.failures += 1;
                self.counters.consecutive_failures = self.counters.consecutive_failures.saturating_add(1);
                self.counters.last_failure_at = Some(now);
                self.counters.last_error = error.map(str::to_owned);
            }
            RunOutcome::Waiting | RunOutcome::Running | RunOutcome::Cancelled | RunOutcome::Skipped => {}
        }
        let too_many = self.plan.max_failures.is_some_and(|most| self.counters.consecutive_failures >= most);
        if too_many && self.is_enabled() { self.disabled(DisabledReason::Failures, now) } else { self }
    }

    /// The schedule, disabled.
    #[must_use]
    pub fn disabled(mut self, reason: DisabledReason, now: Timestamp) -> Self {
        self.next_run_at = None;
        self.disabled_reason = Some(reason);
        self.version += 1;
        self.updated_at = now;
        self
    }

    /// The schedule, enabled from now on: what it missed meanwhile is not made up for, and its failures are forgiven. `None` when it
    /// has no fire left.
    #[must_use]
    pub fn enabled(mut self, now: Timestamp) -> Option<Self> {
        self.next_run_at = Some(self.next_after(now)?);
        self.disabled_reason = None;
        self.counters.consecutive_failures = 0;
        self.version += 1;
        self.updated_at = now;
        Some(self)
    }
}

fn with_schedule(tags: Value, id: ScheduleId) -> Value {
    let mut tags = match tags {
        Value::Object(tags) => tags,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => serde_json::Map::new(),
    };
    tags.insert("schedule_id".to_owned(), json!(id));
    Value::Object(tags)
}

/// One fire of a schedule. **Invariant:** a schedule has one row per fire time, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRun {
    /// Its id.
    pub id: ScheduleRunId,
    /// Which schedule.
    pub schedule: ScheduleId,
    /// Whose it is.
    pub project: ProjectId,
    /// The fire time.
    pub fire_at: Timestamp,
    /// What made it.
    pub trigger: Trigger,
    /// Where it stands.
    pub outcome: RunOutcome,
    /// Its job.
    pub job: Option<JobId>,
    /// Why it was passed over, or why its job failed.
    pub note: Option<String>,
    /// When its job was made.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A run to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The fire time.
    pub fire_at: Timestamp,
    /// What made it.
    pub trigger: Trigger,
    /// Where it stands.
    pub outcome: RunOutcome,
    /// Its job, when it has one already.
    pub job: Option<JobId>,
    /// Why it was passed over.
    pub note: Option<String>,
    /// When it is written down.
    pub at: Timestamp,
}

/// A run that is open although its job has ended or is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRun {
    /// The run.
    pub run: ScheduleRun,
    /// How its job ended; `None` when there is no such job any more.
    pub status: Option<JobStatus>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl EndedRun {
    /// What the job's end means for the run.
    #[must_use]
    pub const fn outcome(&self) -> RunOutcome {
        match self.status {
            Some(JobStatus::Completed) => RunOutcome::Completed,
            Some(JobStatus::Failed) => RunOutcome::Failed,
            Some(JobStatus::Dead) => RunOutcome::Dead,
            Some(JobStatus::Cancelled) | None => RunOutcome::Cancelled,
            Some(JobStatus::Pending | JobStatus::Running | JobStatus::Retrying) => RunOutcome::Running,
        }
    }
}
