//! Jobs as clients see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commandcenter_domain::job::{ArchivedJob, Items, Job, JobKind, JobStatus, QueueName, Window};
use commandcenter_domain::shared::{JobId, UserId};
use commandcenter_services::job::{Found, JobStatistics};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobView {
    #[schema(value_type = i64)]
    id: JobId,
    /// What it does.
    #[schema(value_type = String, example = "repository_sync")]
    job_type: JobKind,
    /// `pending`, `running`, `retrying`, `completed`, `failed`, `cancelled` or `dead`.
    #[schema(value_type = String, example = "running")]
    status: JobStatus,
    /// The queue it waits in.
    #[schema(value_type = String, example = "sync")]
    queue: QueueName,
    /// Percent done.
    #[schema(minimum = 0, maximum = 100)]
    progress: i32,
    current_step: Option<String>,
    /// Items done, of those that it works through.
    items_done: i32,
    /// Items that failed.
    items_failed: i32,
    /// All items, once their number is known.
    items_total: Option<i32>,
    #[schema(value_type = Object)]
    parameters: Value,
    /// What it produced.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why it failed.
    error: Option<String>,
    /// `retry`, `wait`, `fail`, `panic`, `timeout` or `lease_lost`.
    error_class: Option<String>,
    /// The batch it belongs to.
    #[schema(value_type = Option<i64>)]
    parent_id: Option<JobId>,
    #[schema(value_type = Object)]
    tags: Value,
    /// 1 (last) to 10 (first).
    priority: i32,
    /// Attempts begun.
    attempt: i32,
    /// Attempts before it is dead.
    max_attempts: i32,
    /// Whether somebody asked it to stop.
    cancel_requested: bool,
    #[schema(value_type = Option<i64>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    /// When it may (next) start; null until it is dispatched.
    run_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    /// Seconds from its first start to its end.
    duration_seconds: Option<f64>,
    /// When it came into the archive; null for a job that has not.
    archived_at: Option<DateTime<Utc>>,
}

impl From<Found> for JobView {
    fn from(found: Found) -> Self {
        match found {
            Found::Kept(job) => Self::from(job),
            Found::Archived(job) => Self::from(job),
        }
    }
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            duration_seconds: duration(job.started_at, job.completed_at),
            archived_at: None,
            id: job.id,
            job_type: job.kind,
            status: job.status,
            queue: job.queue,
            progress: job.progress,
            current_step: job.current_step,
            items_done: job.items.done,
            items_failed: job.items.failed,
            items_total: job.items.total,
            parameters: job.parameters,
            result: job.result,
            error: job.error,
            error_class: job.error_class,
            parent_id: job.parent,
            tags: job.tags,
            priority: job.priority,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            cancel_requested: job.cancel_requested,
            created_by: job.created_by,
            created_at: job.created_at,
            run_at: job.run_at,
            started_at: job.started_at,
            completed_at: job.completed_at,
        }
    }
}

/// What the archive does not keep is as it is of a job that is over and never runs again.
impl From<ArchivedJob> for JobView {
    fn from(job: ArchivedJob) -> Self {
        let ArchivedJob { id, project: _, parent, kind, queue, status, priority, progress, attempt, max_attempts, .. } = job;
        let Items { done, failed, total } = job.items;
        Self {
            duration_seconds: duration(job.started_at, Some(job.completed_at)),
            archived_at: Some(job.archived_at),
            id,
            job_type: kind,
            status,
            queue,
            progress,
            current_step: None,
            items_done: done,
            items_failed: failed,
            items_total: total,
            parameters: job.parameters,
            result: job.result,
            error: job.error,
            error_class: job.error_class,
            parent_id: parent,
            tags: job.tags,
            priority,
            attempt,
            max_attempts,
            cancel_requested: status == JobStatus::Cancelled,
            created_by: job.created_by,
            created_at: job.created_at,
            run_at: None,
            started_at: job.started_at,
            completed_at: Some(job.completed_at),
        }
    }
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobProgressView {
    #[schema(value_type = i64)]
    job_id: JobId,
    #[schema(value_type = String, example = "running")]
    status: JobStatus,
    #[schema(minimum = 0, maximum = 100)]
    progress: i32,
    current_step: Option<String>,
    /// Whether nothing more will happen to it.
    is_terminal: bool,
    /// Whether it waits or runs.
    is_active: bool,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    duration_seconds: Option<f64>,
}

impl From<Found> for JobProgressView {
    fn from(found: Found) -> Self {
        let JobView { id, status, progress, current_step, created_at, started_at, completed_at, duration_seconds, .. } = found.into();
        let is_terminal = status.is_terminal();
        let is_active = !is_terminal;
        Self { job_id: id, status, progress, current_step, is_terminal, is_active, created_at, started_at, completed_at, duration_seconds }
    }
}

/// How the project's jobs stand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobStatisticsView {
    total: u64,
    /// Every state, with the number of jobs in it.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    by_status: BTreeMap<&'static str, u64>,
    /// Percent of the jobs that ended by themselves which completed; null when none has ended.
    success_rate: Option<f64>,
    /// Mean seconds from first start to end of completed jobs.
    average_duration_seconds: Option<f64>,
    /// Jobs that wait or run.
    active_jobs: u64,
    /// The window they were made in; null for all.
    #[schema(value_type = Option<String>, example = "24h")]
    window: Option<&'static str>,
    /// Seconds that attempts which ended within the window waited; null without a window.
    wait_seconds: Option<Percentiles>,
    /// Seconds that attempts which ended within the window ran; null without a window.
    run_seconds: Option<Percentiles>,
}

/// Median and 95th percentile, by nearest rank; null when there is nothing to rank.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Percentiles {
    p50: Option<f64>,
    p95: Option<f64>,
}

impl From<JobStatistics> for JobStatisticsView {
    fn from(statistics: JobStatistics) -> Self {
        let JobStatistics { total, by_status, success_rate, average_duration_seconds, active_jobs, window, times } = statistics;
        let wait_seconds = times.map(|times| Percentiles { p50: times.wait_p50, p95: times.wait_p95 });
        let run_seconds = times.map(|times| Percentiles { p50: times.run_p50, p95: times.run_p95 });
        let window = window.map(Window::as_str);
        let by_status = by_status.into_iter().map(|(status, count)| (status.as_str(), count)).collect();
        Self { total, by_status, success_rate, average_duration_seconds, active_jobs, window, wait_seconds, run_seconds }
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a job's life fit a float exactly for 285,000 years")]
fn duration(begun: Option<DateTime<Utc>>, ended: Option<DateTime<Utc>>) -> Option<f64> {
    let (begun, ended) = (begun?, ended?);
    Some((ended - begun).num_milliseconds() as f64 / 1000.0)
}
