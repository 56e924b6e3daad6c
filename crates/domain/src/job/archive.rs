//! Where ended jobs go when their time is over.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::Value;

use crate::identity::ProjectScope;
use crate::shared::{JobId, Page, PageRequest, ProjectId, Sort, StoreError, Timestamp, UserId};
use crate::text_enum;

use super::{Items, JobKind, JobStatus, QueueName};

/// How long jobs are kept after they ended, by how they ended; `None` keeps them for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Those that are done.
    pub completed: Option<TimeDelta>,
    /// Those that were stopped on request.
    pub cancelled: Option<TimeDelta>,
    /// Those that failed for good.
    pub failed: Option<TimeDelta>,
    /// Those that failed on every attempt.
    pub dead: Option<TimeDelta>,
    /// How long the archive keeps what came into it.
    pub archive: Option<TimeDelta>,
}

impl Retention {
    /// Which jobs are to be archived at a moment.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let Self { completed, cancelled, failed, dead, archive: _ } = *self;
        let before = |kept: Option<TimeDelta>| kept.and_then(|kept| now.checked_sub_signed(kept));
        Due { completed: before(completed), cancelled: before(cancelled), failed: before(failed), dead: before(dead) }
    }

    /// Before when something must have been archived to be forgotten at a moment.
    #[must_use]
    pub fn forgotten_before(&self, now: Timestamp) -> Option<Timestamp> {
        self.archive.and_then(|kept| now.checked_sub_signed(kept))
    }
}

/// Before when a job must have ended to be archived, by how it ended; `None` for those that stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Those that are done.
    pub completed: Option<Timestamp>,
    /// Those that were stopped on request.
    pub cancelled: Option<Timestamp>,
    /// Those that failed for good.
    pub failed: Option<Timestamp>,
    /// Those that failed on every attempt.
    pub dead: Option<Timestamp>,
}

impl Due {
    /// The last of these moments: what was made after it cannot have ended before any. `None` when everything stays.
    #[must_use]
    pub fn youngest(&self) -> Option<Timestamp> {
        let Self { completed, cancelled, failed, dead } = *self;
        [completed, cancelled, failed, dead].into_iter().flatten().max()
    }
}

/// Some jobs that were looked at, whosever they are: those behind one id up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The id it begins behind.
    pub after: JobId,
    /// The last id that was seen; that of `after` when there was none.
    pub last: JobId,
    /// How many jobs were seen.
    pub seen: u64,
    /// How many of them are part of nothing and due, whatever their own parts do.
    pub due: u64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
}

/// A job as the archive keeps it: what it did and what came of it, without its attempts and its log.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivedJob {
    /// The id that it always had.
    pub id: JobId,
    /// Whose it is.
    pub project: ProjectId,
    /// The batch it belonged to.
    pub parent: Option<JobId>,
    /// What it did.
    pub kind: JobKind,
    /// The queue it waited in.
    pub queue: QueueName,
    /// How it ended.
    pub status: JobStatus,
    /// 1 (last) to 10 (first).
    pub priority: i32,
    /// How far it came, 0 to 100 percent.
    pub progress: i32,
    /// Attempts begun.
    pub attempt: i32,
    /// Attempts it would have had.
    pub max_attempts: i32,
    /// Its parameters.
    pub parameters: Value,
    /// Free labels.
    pub tags: Value,
    /// What it produced.
    pub result: Option<Value>,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// The class of the error, as in [`super::Trouble`].
    pub error_class: Option<String>,
    /// What it worked through, when it counted.
    pub items: Items,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// The request at its root.
    pub request_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Timestamp,
    /// When it came into the archive.
    pub archived_at: Timestamp,
}

text_enum! {
    /// What a list of archived jobs can be sorted by.
    ArchiveSort {
        /// When it ended.
        CompletedAt = "completed_at",
    }
}

/// Which archived jobs of a project are wanted; what is given combines with AND.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArchiveFilter {
    /// Those that ended like this.
    pub status: Option<JobStatus>,
    /// Those of this kind.
    pub kind: Option<JobKind>,
    /// The children of this job.
    pub parent: Option<JobId>,
}

/// The archive of ended jobs.
#[async_trait]
pub trait JobArchive: Send + Sync {
    /// `None` when not archived, or another project's.
    async fn find(&self, scope: &ProjectScope, id: JobId) -> Result<Option<ArchivedJob>, StoreError>;
    /// A page of archived jobs; without a sort those that ended last come first.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &ArchiveFilter,
        sort: Option<Sort<ArchiveSort>>,
        page: PageRequest,
    ) -> Result<Page<ArchivedJob>, StoreError>;
    /// Looks at the next `limit` jobs behind an id, of every project, in the order of their ids; one statement, which locks nothing.
    async fn look(&self, due: &Due, after: JobId, limit: u64) -> Result<Stretch, StoreError>;
    /// Moves the due jobs of a stretch into the archive, each with its children wherever these are, and tells how many came by how they
    /// had ended. A job stays, with its children, while one of them has not ended or somebody changes one of them. For use in a transaction
    /// of its own, in a number of statements that does not grow with the jobs.
    async fn archive(&self, stretch: &Stretch, due: &Due, at: Timestamp) -> Result<BTreeMap<JobStatus, u64>, StoreError>;
    /// Removes what came into the archive before a moment, at most `limit`, oldest first; tells how many.
    async fn forget(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_is_kept_for_ever_is_never_due() {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let days = |n| Some(TimeDelta::days(n));
        let some = Retention { completed: days(30), cancelled: None, failed: days(90), dead: days(60), archive: None };
        let due = some.due(now);
        assert_eq!((due.completed, due.cancelled), (Some(now - TimeDelta::days(30)), None));
        assert_eq!(due.youngest(), due.completed);
        assert_eq!(some.forgotten_before(now), None);
        let none = Retention { completed: None, cancelled: None, failed: None, dead: None, archive: days(1) };
        assert_eq!((none.due(now).youngest(), none.forgotten_before(now)), (None, Some(now - TimeDelta::days(1))));
    }
}
