//! What can go wrong with technologies.

use crate::identity::AccessError;
use crate::shared::{Classified, Fault, FieldError, Invalid, RepositoryId, StoreError, TechnologyId};

/// Why a use case of this context did not happen.
#[derive(Debug, thiserror::Error)]
pub enum TechnologyError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Absent, or another project's.
    #[error("no technology {0}")]
    NotFound(TechnologyId),
    /// The repository is absent, or another project's.
    #[error("no repository {0}")]
    NoRepository(RepositoryId),
    /// The project has one of that title already.
    #[error("this project has a technology titled `{0}` already")]
    TitleTaken(String),
    /// It changed since the caller read it.
    #[error("the technology has moved on to version {current}")]
    Stale {
        /// The version it has now.
        current: i64,
    },
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("technology storage failed")]
    Store(#[from] StoreError),
}

impl Classified for TechnologyError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::NotFound(_) => (Fault::NotFound, "technology-not-found"),
            Self::NoRepository(_) => (Fault::NotFound, "repository-not-found"),
            Self::TitleTaken(_) => (Fault::Conflict, "technology-title-taken"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Access(_) | Self::NotFound(_) | Self::NoRepository(_) | Self::TitleTaken(_) | Self::Stale { .. } | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::Invalid(_) | Self::Access(_) | Self::NotFound(_) | Self::NoRepository(_) | Self::TitleTaken(_) | Self::Stale { .. } => {
                None
            }
        }
    }
}
