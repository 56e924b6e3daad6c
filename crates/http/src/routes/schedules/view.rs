//! What clients see of schedules.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commandcenter_domain::job::JobKind;
use commandcenter_domain::schedule::{
    Counters, DisabledReason, Frequency, HealthIssue, HealthReport, Misfire, Overlap, Plan, RunOutcome, Schedule, ScheduleRun,
    ScheduleStatistics, Severity, Task, Timing, Trigger, Weekday, Window,
};
use commandcenter_domain::shared::{JobId, ProjectId, ScheduleId, ScheduleRunId, UserId};
use commandcenter_services::schedule::{Executed, Seen};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleView {
    #[schema(value_type = i64)]
    id: ScheduleId,
    #[schema(value_type = i64)]
    project_id: ProjectId,
    name: String,
    description: Option<String>,
    #[schema(value_type = String)]
    task_type: JobKind,
    #[schema(value_type = Object)]
    task_parameters: Value,
    #[schema(value_type = Object)]
    tags: Value,
    priority: i32,
    #[schema(value_type = String)]
    frequency: Frequency,
    minute: Option<u32>,
    time_of_day: Option<String>,
    #[schema(value_type = Option<String>)]
    weekday: Option<Weekday>,
    day_of_month: Option<u32>,
    interval_seconds: Option<i64>,
    cron_expression: Option<String>,
    timezone: &'static str,
    start_time: Option<DateTime<Utc>>,
    end_time: Option<DateTime<Utc>>,
    jitter_seconds: i32,
    #[schema(value_type = String)]
    misfire_policy: Misfire,
    catch_up_limit: i32,
    #[schema(value_type = String)]
    overlap_policy: Overlap,
    /// Null: it is never disabled for its failures.
    max_consecutive_failures: Option<i32>,
    enabled: bool,
    /// Enabled, and inside of its window.
    is_active: bool,
    /// `manual`, `finished` or `failures`; null while it is enabled.
    #[schema(value_type = Option<String>)]
    disabled_reason: Option<DisabledReason>,
    /// Null while it is disabled.
    next_run_at: Option<DateTime<Utc>>,
    /// The next five fires; empty while it is disabled.
    next_runs: Vec<DateTime<Utc>>,
    last_run_at: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    /// Jobs made.
    run_count: i64,
    success_count: i64,
    failure_count: i64,
    consecutive_failures: i32,
    /// Percent of the ended runs that completed; null before the first.
    success_rate: Option<f64>,
    #[schema(value_type = Option<i64>)]
    created_by: Option<UserId>,
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Seen> for ScheduleView {
    fn from(Seen { schedule, is_active, next_runs }: Seen) -> Self {
        let (enabled, success_rate) = (schedule.is_enabled(), schedule.counters.success_rate());
        let Schedule { id, project, plan, next_run_at, disabled_reason, counters, created_by, version, created_at, updated_at } = schedule;
        let Plan { name, description, task, timing, jitter_seconds, misfire, catch_up_limit, overlap, max_failures } = plan;
        let Task { kind, parameters, tags, priority } = task;
        let Timing { rule, zone, window: Window { start, end } } = timing;
        let Counters { runs, successes, failures, consecutive_failures, last_run_at, last_success_at, last_failure_at, last_error } =
            counters;
        Self {
            id,
            project_id: project,
            name,
            description,
            task_type: kind,
            task_parameters: parameters,
            tags,
            priority,
            frequency: rule.frequency(),
            minute: rule.minute(),
            time_of_day: rule.time_of_day(),
            weekday: rule.weekday(),
            day_of_month: rule.day_of_month(),
            interval_seconds: rule.interval_seconds(),
            cron_expression: rule.cron_expression().map(str::to_owned),
            timezone: zone.name(),
            start_time: start,
            end_time: end,
            jitter_seconds,
            misfire_policy: misfire,
            catch_up_limit,
            overlap_policy: overlap,
            max_consecutive_failures: max_failures,
            enabled,
            is_active,
            disabled_reason,
            next_run_at,
            next_runs,
            last_run_at,
            last_success_at,
            last_failure_at,
            last_error,
            run_count: runs,
            success_count: successes,
            failure_count: failures,
            consecutive_failures,
            success_rate,
            created_by,
            version,
            created_at,
            updated_at,
        }
    }
}

/// A run of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleRunView {
    #[schema(value_type = i64)]
    id: ScheduleRunId,
    #[schema(value_type = i64)]
    schedule_id: ScheduleId,
    /// The time it is of.
    fire_at: DateTime<Utc>,
    /// `schedule` or `manual`.
    #[schema(value_type = String)]
    trigger: Trigger,
    /// `waiting`, `running`, `completed`, `failed`, `cancelled`, `dead` or `skipped`.
    #[schema(value_type = String)]
    outcome: RunOutcome,
    /// Its job; null for a run that waits or was passed over.
    #[schema(value_type = Option<i64>)]
    job_id: Option<JobId>,
    /// Why it was passed over, or why its job failed.
    note: Option<String>,
    /// When its job was made.
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<ScheduleRun> for ScheduleRunView {
    fn from(run: ScheduleRun) -> Self {
        let ScheduleRun { id, schedule, project: _, fire_at, trigger, outcome, job, note, started_at, finished_at } = run;
        Self { id, schedule_id: schedule, fire_at, trigger, outcome, job_id: job, note, started_at, finished_at }
    }
}

/// A part of a schedule's history, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleRunsView {
    pub(super) items: Vec<ScheduleRunView>,
    /// What to send as `cursor` for what is older; null at the end.
    #[schema(value_type = Option<i64>)]
    pub(super) next_cursor: Option<ScheduleRunId>,
}

/// A run by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExecutedView {
    #[schema(value_type = i64)]
    schedule_id: ScheduleId,
    schedule_name: String,
    #[schema(value_type = i64)]
    pub(super) job_id: JobId,
    executed_at: DateTime<Utc>,
    next_run_at: Option<DateTime<Utc>>,
    message: &'static str,
}

impl From<Executed> for ExecutedView {
    fn from(Executed { schedule, job, at }: Executed) -> Self {
        Self {
            schedule_id: schedule.id,
            schedule_name: schedule.plan.name,
            job_id: job,
            executed_at: at,
            next_run_at: schedule.next_run_at,
            message: "the schedule's job is queued",
        }
    }
}

/// Figures over the project's schedules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleStatisticsView {
    total_schedules: u64,
    enabled_schedules: u64,
    disabled_schedules: u64,
    total_runs: u64,
    successful_runs: u64,
    failed_runs: u64,
    /// Percent of the ended runs that completed; 0 before the first.
    success_rate: f64,
    /// Schedules of each frequency.
    by_frequency: BTreeMap<&'static str, u64>,
}

impl From<ScheduleStatistics> for ScheduleStatisticsView {
    fn from(figures: ScheduleStatistics) -> Self {
        let success_rate = figures.success_rate();
        let ScheduleStatistics { total, enabled, runs, successes, failures, by_frequency } = figures;
        Self {
            total_schedules: total,
            enabled_schedules: enabled,
            disabled_schedules: total - enabled,
            total_runs: runs,
            successful_runs: successes,
            failed_runs: failures,
            success_rate,
            by_frequency: by_frequency.into_iter().map(|(frequency, count)| (frequency.as_str(), count)).collect(),
        }
    }
}

/// Which schedules need attention.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleHealthView {
    /// `healthy`, or the worst finding: `info`, `warning` or `critical`.
    status: &'static str,
    checked_at: DateTime<Utc>,
    /// Schedules looked at.
    schedules: usize,
    /// Findings, the worst first.
    issues: Vec<HealthIssueView>,
}

impl From<(HealthReport, DateTime<Utc>)> for ScheduleHealthView {
    fn from((report, checked_at): (HealthReport, DateTime<Utc>)) -> Self {
        let status = report.worst().map_or("healthy", Severity::as_str);
        let HealthReport { schedules, issues } = report;
        Self { status, checked_at, schedules, issues: issues.into_iter().map(HealthIssueView::from).collect() }
    }
}

/// A finding.
#[derive(Debug, Serialize, ToSchema)]
struct HealthIssueView {
    #[schema(value_type = i64)]
    schedule_id: ScheduleId,
    schedule_name: String,
    /// `info`, `warning` or `critical`.
    #[schema(value_type = String)]
    severity: Severity,
    /// `never_succeeded`, `failing`, `auto_disabled`, `low_success_rate`, `overdue` or `stale`.
    code: &'static str,
    message: String,
}

impl From<HealthIssue> for HealthIssueView {
    fn from(issue: HealthIssue) -> Self {
        let HealthIssue { schedule, name, severity, code, message } = issue;
        Self { schedule_id: schedule, schedule_name: name, severity, code, message }
    }
}

/// A look ahead.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewView {
    /// The zone the rule was read in.
    pub(super) timezone: &'static str,
    /// At most five fires.
    pub(super) next_runs: Vec<DateTime<Utc>>,
}
