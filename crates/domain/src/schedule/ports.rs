//! Schedules in storage: as people see them, within a project, and as the scheduler does, over all of them.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{JobId, Page, PageRequest, ScheduleId, ScheduleRunId, Sort, StoreError, Timestamp};

use super::{EndedRun, NewRun, Plan, RunOutcome, Schedule, ScheduleFilter, ScheduleRun, ScheduleSort, Tally};

/// Which part of a log is wanted, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Only what is older than this.
    pub before: Option<ScheduleRunId>,
    /// Most rows.
    pub limit: u64,
}

/// The schedules of a project.
#[async_trait]
pub trait ScheduleRepo: Send + Sync {
    /// Writes a new schedule: enabled when it has a next fire, else disabled by hand.
    async fn insert(&self, scope: &ProjectScope, plan: &Plan, next: Option<Timestamp>, at: Timestamp) -> Result<Schedule, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;
    /// The same, keeping others from changing it until the transaction ends.
    async fn find_for_update(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;
    /// One page; without a sort the newest come first.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &ScheduleFilter,
        sort: Option<Sort<ScheduleSort>>,
        page: PageRequest,
    ) -> Result<Page<Schedule>, StoreError>;
    /// One page of those whose time has come, the longest due first.
    async fn list_due(&self, scope: &ProjectScope, now: Timestamp, page: PageRequest) -> Result<Page<Schedule>, StoreError>;
    /// All of them, by id.
    async fn all(&self, scope: &ProjectScope) -> Result<Vec<Schedule>, StoreError>;
    /// Writes a schedule as it is now.
    async fn update(&self, scope: &ProjectScope, schedule: &Schedule) -> Result<(), StoreError>;
    /// Whether there was one. Its runs go with it; its jobs stay.
    async fn delete(&self, scope: &ProjectScope, id: ScheduleId) -> Result<bool, StoreError>;
    /// Its runs.
    async fn runs(&self, scope: &ProjectScope, id: ScheduleId, cursor: Cursor) -> Result<Vec<ScheduleRun>, StoreError>;
    /// Schedules and runs by frequency and state, in one statement.
    async fn tally(&self, scope: &ProjectScope) -> Result<Vec<Tally>, StoreError>;
}

/// How a run is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing<'a> {
    /// What came of it.
    pub outcome: RunOutcome,
    /// Why.
    pub note: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// Schedules of every project, for the scheduler. Who holds a schedule by [`Self::due`] or [`Self::lock`] holds it, and with it its
/// runs, until the transaction ends; so schedulers come before runs, and none waits for another in a circle.
#[async_trait]
pub trait ScheduleLedger: Send + Sync {
    /// Schedules whose time has come, the longest due first, held; those that another scheduler holds are left to it.
    async fn due(&self, now: Timestamp, limit: u64) -> Result<Vec<Schedule>, StoreError>;
    /// The earliest next fire.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// One schedule, held.
    async fn lock(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;
    /// Writes a schedule's counters, next fire and state.
    async fn advance(&self, schedule: &Schedule) -> Result<(), StoreError>;
    /// Writes a run down. `None` when the fire time has its row already: somebody else fired it.
    async fn record(&self, schedule: &Schedule, run: &NewRun) -> Result<Option<ScheduleRun>, StoreError>;
    /// A schedule's runs that have not ended, oldest first.
    async fn open_runs(&self, id: ScheduleId) -> Result<Vec<ScheduleRun>, StoreError>;
    /// Gives a run its job.
    async fn begin(&self, run: ScheduleRunId, job: JobId, at: Timestamp) -> Result<(), StoreError>;
    /// Ends an open run; whether it was open.
    async fn close(&self, run: ScheduleRunId, closing: Closing<'_>) -> Result<bool, StoreError>;
    /// Open runs whose job has ended or is gone.
    async fn ended(&self, limit: u64) -> Result<Vec<EndedRun>, StoreError>;
}
