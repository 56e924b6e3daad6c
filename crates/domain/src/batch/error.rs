//! What can go wrong with batches.

use crate::identity::AccessError;
use crate::shared::{Classified, Fault, FieldError, Invalid, JobId, StoreError};

/// Why a request about a batch was refused.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Absent, another project's, or a job that is no batch.
    #[error("no batch {0}")]
    NotFound(JobId),
    /// Nothing here does this kind of work.
    #[error("this installation has nothing that does `{0}`")]
    UnknownType(&'static str),
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("batch storage failed")]
    Store(#[from] StoreError),
}

impl Classified for BatchError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::NotFound(_) => (Fault::NotFound, "batch-not-found"),
            Self::UnknownType(_) => (Fault::Invalid, "unknown-job-type"),
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::NotFound(_) | Self::UnknownType(_) | Self::Access(_) | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::NotFound(_) | Self::UnknownType(_) | Self::Invalid(_) | Self::Access(_) => None,
        }
    }
}
