//! What can go wrong with schedules.

use crate::identity::AccessError;
use crate::job::JobError;
use crate::shared::{Classified, Fault, FieldError, Invalid, ScheduleId, StoreError};

/// Why a use case of this context did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Its jobs could not be made: no such kind, or what they are to work on does not exist.
    #[error(transparent)]
    Task(JobError),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Absent, or another project's.
    #[error("no schedule {0}")]
    NotFound(ScheduleId),
    /// It changed since the caller read it.
    #[error("the schedule has moved on to version {current}")]
    Stale {
        /// The version it has now.
        current: i64,
    },
    /// It is disabled or outside of its window.
    #[error("the schedule is disabled or outside of its window: run it with `force` to run it all the same")]
    Inactive,
    /// An earlier run has not ended.
    #[error("a run of the schedule has not ended: run it with `force` to run it all the same")]
    Running,
    /// It cannot be enabled, since it would never fire.
    #[error("the schedule has no fire time left: change its times first")]
    Finished,
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("schedule storage failed")]
    Store(#[from] StoreError),
}

impl Classified for ScheduleError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Task(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::NotFound(_) => (Fault::NotFound, "schedule-not-found"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::Inactive => (Fault::Conflict, "schedule-inactive"),
            Self::Running => (Fault::Conflict, "schedule-running"),
            Self::Finished => (Fault::Conflict, "schedule-finished"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Task(err) => err.fields(),
            Self::Access(_) | Self::NotFound(_) | Self::Stale { .. } | Self::Inactive | Self::Running | Self::Finished | Self::Store(_) => {
                &[]
            }
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::Task(err) => err.retry_after(),
            Self::Invalid(_)
            | Self::Access(_)
            | Self::NotFound(_)
            | Self::Stale { .. }
            | Self::Inactive
            | Self::Running
            | Self::Finished => None,
        }
    }
}
