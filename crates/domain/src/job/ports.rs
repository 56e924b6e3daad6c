//! The queue as services see it.

use async_trait::async_trait;
use chrono::TimeDelta;

use crate::identity::ProjectScope;
use crate::shared::{JobId, Page, PageRequest, Sort, StoreError, Timestamp};
use crate::text_enum;

use super::{Job, JobKind, JobStatus, NewJob, QueueFigures, QueueName};

text_enum! {
    /// What a list of jobs can be sorted by. Each has an index that every step of every job has to keep, so there are few; by state, type
    /// and queue one filters.
    JobSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// When it ended.
        CompletedAt = "completed_at",
    }
}

/// Which jobs of a project are wanted; what is given combines with AND.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// Those in one of these states; any when empty.
    pub status: Vec<JobStatus>,
    /// Those of this kind.
    pub kind: Option<JobKind>,
    /// Those of this queue.
    pub queue: Option<QueueName>,
    /// The children of this job.
    pub parent: Option<JobId>,
}

/// Which jobs of a project an operation on many takes; what is given combines with AND.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkFilter {
    /// Those in one of these states, which must allow the operation.
    pub status: Vec<JobStatus>,
    /// Those of this kind.
    pub kind: Option<JobKind>,
    /// Those of this queue.
    pub queue: Option<QueueName>,
    /// Those with these ids; any when empty.
    pub ids: Vec<JobId>,
    /// The children of these jobs; any when empty.
    pub parents: Vec<JobId>,
}

text_enum! {
    /// How far back statistics look.
    Window {
        /// An hour.
        Hour = "1h",
        /// A day.
        Day = "24h",
        /// A week.
        Week = "7d",
        /// Thirty days.
        Month = "30d",
    }
}

impl Window {
    /// How long it is.
    #[must_use]
    pub const fn length(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
            Self::Week => TimeDelta::days(7),
            Self::Month => TimeDelta::days(30),
        }
    }
}

/// Times in seconds that ended jobs waited from when they might have started, and ran, at the median and the 95th percentile.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Times {
    /// Median of the wait.
    pub wait_p50: Option<f64>,
    /// 95th percentile of the wait.
    pub wait_p95: Option<f64>,
    /// Median of the run.
    pub run_p50: Option<f64>,
    /// 95th percentile of the run.
    pub run_p95: Option<f64>,
}

/// Jobs of one state, counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatusCount {
    /// The state.
    pub status: JobStatus,
    /// How many.
    pub count: u64,
    /// Mean seconds from first start to end, for those that have both.
    pub mean_seconds: Option<f64>,
}

/// The jobs of a project. What changes a job changes it only in the states that allow the step.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Enqueues a job. When its unique key is taken by a live job, [`super::WhenTaken`] decides; the job that then stands for it is given
    /// back.
    async fn enqueue(&self, scope: &ProjectScope, new: NewJob) -> Result<Job, StoreError>;
    /// Enqueues many in one statement; none may have a unique key. In their order.
    async fn enqueue_all(&self, scope: &ProjectScope, new: Vec<NewJob>) -> Result<Vec<JobId>, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: JobId) -> Result<Option<Job>, StoreError>;
    /// A page of jobs; without a sort the newest come first.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &JobFilter,
        sort: Option<Sort<JobSort>>,
        page: PageRequest,
    ) -> Result<Page<Job>, StoreError>;
    /// The jobs of each state that has any, in one statement; with `since`, those that were made from then on.
    async fn count_by_status(&self, scope: &ProjectScope, since: Option<Timestamp>) -> Result<Vec<StatusCount>, StoreError>;
    /// How long the jobs that ended since then waited and ran, in one statement.
    async fn times(&self, scope: &ProjectScope, since: Timestamp) -> Result<Times, StoreError>;
    /// Sends a held job on its way. `None` when there is no held job of that id.
    async fn dispatch(&self, scope: &ProjectScope, id: JobId, run_at: Timestamp) -> Result<Option<Job>, StoreError>;
    /// Cancels a waiting job at once and asks a running one to stop. `None` when there is no live job of that id.
    async fn cancel(&self, scope: &ProjectScope, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError>;
    /// Deletes a job that does not run, and its children if none of them runs; tells how many rows went.
    async fn delete(&self, scope: &ProjectScope, id: JobId) -> Result<u64, StoreError>;
    /// Sends ended jobs round again from their first attempt, at most `limit`, oldest first. Jobs whose unique key a live job holds are
    /// left alone.
    async fn revive(&self, scope: &ProjectScope, (filter, limit): (&BulkFilter, u64), at: Timestamp) -> Result<Vec<Job>, StoreError>;
    /// Cancels live jobs as [`JobQueue::cancel`] does, at most `limit`, oldest first. Those that were asked before are left out.
    async fn cancel_all(&self, scope: &ProjectScope, (filter, limit): (&BulkFilter, u64), at: Timestamp) -> Result<Vec<Job>, StoreError>;
    /// Deletes ended jobs, at most `limit`, oldest first; tells how many.
    async fn discard(&self, scope: &ProjectScope, (filter, limit): (&BulkFilter, u64)) -> Result<u64, StoreError>;
    /// Counts anew, from their children as they stand, how many children of these jobs have yet to end and what the ended ones came to,
    /// in one statement. For use within the transaction that sent children round again. Gives those of the jobs that have children.
    async fn reopen(&self, scope: &ProjectScope, parents: &[JobId]) -> Result<Vec<Job>, StoreError>;
}

/// The queues of the instance.
#[async_trait]
pub trait QueueSwitch: Send + Sync {
    /// How every queue stands, in one statement.
    async fn figures(&self, now: Timestamp) -> Result<Vec<QueueFigures>, StoreError>;
    /// Stops or allows claims from a queue. What runs goes on.
    async fn set_paused(&self, queue: QueueName, paused: bool, at: Timestamp) -> Result<(), StoreError>;
}
