//! What can go wrong with a job, for those who ask for one.

use crate::identity::AccessError;
use crate::shared::{Classified, Fault, FieldError, Invalid, JobId, StoreError};

use super::JobStatus;

/// Why a request about a job was refused.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Absent, or another project's.
    #[error("no job {0}")]
    NotFound(JobId),
    /// No such kind of work.
    #[error("{0}")]
    UnknownType(Invalid),
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What the job is to work on does not exist in the project.
    #[error("no {kind} {id}")]
    SubjectNotFound {
        /// `repository` or `document`.
        kind: &'static str,
        /// Its id.
        id: i64,
    },
    /// It runs: cancel it first.
    #[error("the job is running: cancel it first")]
    Running,
    /// It has ended, so this can no longer be done to it.
    #[error("the job is {0} and can no longer be changed")]
    Finished(JobStatus),
    /// It has not failed, so there is nothing to retry.
    #[error("the job is {0}: only a failed, dead or cancelled one can be retried")]
    NotRetryable(JobStatus),
    /// Its unique key is held by another job that lives.
    #[error("another job does the same work now")]
    KeyTaken,
    /// No such queue.
    #[error("no queue `{0}`")]
    NoQueue(String),
    /// State belongs to the engine.
    #[error("a job's state is the engine's to change: use cancel, retry or dispatch")]
    NotClientWritable,
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The caller may not operate queues.
    #[error("this needs an administrator of the instance")]
    NotAdmin,
    /// Storage failed.
    #[error("job storage failed")]
    Store(#[from] StoreError),
}

impl JobError {
    /// A kind that does not exist.
    #[must_use]
    pub fn unknown_type() -> Self {
        Self::UnknownType(Invalid::one("job_type", "unknown_value", "is not a type of job that can be created"))
    }
}

impl Classified for JobError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::NotFound(_) => (Fault::NotFound, "job-not-found"),
            Self::UnknownType(_) => (Fault::Invalid, "unknown-job-type"),
            Self::Invalid(err) => err.classify(),
            Self::SubjectNotFound { kind: "repository", .. } => (Fault::NotFound, "repository-not-found"),
            Self::SubjectNotFound { .. } => (Fault::NotFound, "document-not-found"),
            Self::Running => (Fault::Conflict, "job-running"),
            Self::Finished(_) => (Fault::Conflict, "job-finished"),
            Self::NotRetryable(_) => (Fault::Conflict, "job-not-retryable"),
            Self::KeyTaken => (Fault::Conflict, "job-key-taken"),
            Self::NoQueue(_) => (Fault::NotFound, "queue-not-found"),
            Self::NotClientWritable => (Fault::Conflict, "not-client-writable"),
            Self::Access(err) => err.classify(),
            Self::NotAdmin => (Fault::Denied, "admin-required"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::UnknownType(err) | Self::Invalid(err) => err.fields(),
            Self::NotFound(_)
            | Self::SubjectNotFound { .. }
            | Self::Running
            | Self::Finished(_)
            | Self::NotRetryable(_)
            | Self::KeyTaken
            | Self::NoQueue(_)
            | Self::NotClientWritable
            | Self::Access(_)
            | Self::NotAdmin
            | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::NotFound(_)
            | Self::UnknownType(_)
            | Self::Invalid(_)
            | Self::SubjectNotFound { .. }
            | Self::Running
            | Self::Finished(_)
            | Self::NotRetryable(_)
            | Self::KeyTaken
            | Self::NoQueue(_)
            | Self::NotClientWritable
            | Self::Access(_)
            | Self::NotAdmin => None,
        }
    }
}
