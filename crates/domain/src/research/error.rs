//! What can go wrong with research tasks.

use crate::identity::AccessError;
use crate::shared::{Classified, Fault, FieldError, Invalid, RepositoryId, StoreError, TaskDocumentId, TaskId, TechnologyId};

use super::FileError;

/// Why a use case of this context did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ResearchError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Absent, or another project's.
    #[error("no research task {0}")]
    NotFound(TaskId),
    /// The task has no such file.
    #[error("no document {0} in this research task")]
    NoDocument(TaskDocumentId),
    /// The technology is absent, or another project's.
    #[error("no technology {0}")]
    NoTechnology(TechnologyId),
    /// The repository is absent, or another project's.
    #[error("no repository {0}")]
    NoRepository(RepositoryId),
    /// It changed since the caller read it.
    #[error("the research task has moved on to version {current}")]
    Stale {
        /// The version it has now.
        current: i64,
    },
    /// A file could not be stored or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("research task storage failed")]
    Store(#[from] StoreError),
}

impl Classified for ResearchError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::NotFound(_) => (Fault::NotFound, "research-task-not-found"),
            Self::NoDocument(_) => (Fault::NotFound, "document-not-found"),
            Self::NoTechnology(_) => (Fault::NotFound, "technology-not-found"),
            Self::NoRepository(_) => (Fault::NotFound, "repository-not-found"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::File(FileError::TooLarge) => (Fault::TooLarge, "file-too-large"),
            Self::File(FileError::Full(_)) => (Fault::Unavailable, "storage-full"),
            Self::File(FileError::Missing | FileError::Broken(_)) => (Fault::Internal, "internal"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        if let Self::Invalid(err) = self { err.fields() } else { &[] }
    }

    fn retry_after(&self) -> Option<u64> {
        if let Self::Store(err) = self { err.retry_after() } else { None }
    }
}
