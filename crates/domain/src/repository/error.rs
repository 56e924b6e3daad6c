//! What can go wrong with tracked repositories.

use crate::identity::AccessError;
use crate::identity::CipherError;
use crate::shared::{Classified, Fault, FieldError, Invalid, RepositoryId, StoreError};

/// Why a use case of this context did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Absent, or another project's.
    #[error("no repository {0}")]
    NotFound(RepositoryId),
    /// The project tracks a repository of that name already.
    #[error("this project tracks `{0}` already")]
    Exists(String),
    /// A token could not be sealed or opened.
    #[error("the access token could not be protected")]
    Cipher(#[from] CipherError),
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("repository storage failed")]
    Store(#[from] StoreError),
}

impl Classified for RepositoryError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::NotFound(_) => (Fault::NotFound, "repository-not-found"),
            Self::Exists(_) => (Fault::Conflict, "repository-exists"),
            Self::Cipher(_) => (Fault::Internal, "internal"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Access(_) | Self::NotFound(_) | Self::Exists(_) | Self::Cipher(_) | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::Invalid(_) | Self::Access(_) | Self::NotFound(_) | Self::Exists(_) | Self::Cipher(_) => None,
        }
    }
}
