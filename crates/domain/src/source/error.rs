//! What can go wrong with sources.

use crate::identity::{AccessError, CipherError};
use crate::knowledge::KnowledgeError;
use crate::shared::{Classified, Fault, FieldError, Invalid, SourceId, SourceRunId, StoreError};

use super::SourceKind;

/// Why a use case of this context did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Absent, or another project's.
    #[error("no source {0}")]
    NotFound(SourceId),
    /// The source has no such run.
    #[error("the source has no run {0}")]
    RunNotFound(SourceRunId),
    /// The project has a source of that name.
    #[error("this project has a source named `{0}` already")]
    Exists(String),
    /// The source is paused.
    #[error("the source is paused: enable it first")]
    Paused,
    /// Sources of this kind are pushed to, not read.
    #[error("sources of the type `{0}` are pushed to, there is nothing to run")]
    NotRead(SourceKind),
    /// A push without the right signature or key.
    #[error("the signature or key of this push is missing or wrong")]
    BadSignature,
    /// The source moved since the caller read it.
    #[error("the source has changed: its version is {current} now")]
    Stale {
        /// Its version.
        current: i64,
    },
    /// The secret could not be sealed or opened.
    #[error("the secret could not be protected")]
    Cipher(#[from] CipherError),
    /// The knowledge base refused.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("source storage failed")]
    Store(#[from] StoreError),
}

impl Classified for SourceError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::NotFound(_) => (Fault::NotFound, "source-not-found"),
            Self::RunNotFound(_) => (Fault::NotFound, "source-run-not-found"),
            Self::Exists(_) => (Fault::Conflict, "source-exists"),
            Self::Paused => (Fault::Conflict, "source-paused"),
            Self::NotRead(_) => (Fault::Conflict, "source-not-read"),
            Self::BadSignature => (Fault::Unauthenticated, "signature-invalid"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::Cipher(_) => (Fault::Internal, "internal"),
            Self::Knowledge(err) => err.classify(),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Knowledge(err) => err.fields(),
            Self::Access(_)
            | Self::NotFound(_)
            | Self::RunNotFound(_)
            | Self::Exists(_)
            | Self::Paused
            | Self::NotRead(_)
            | Self::BadSignature
            | Self::Stale { .. }
            | Self::Cipher(_)
            | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::Knowledge(err) => err.retry_after(),
            Self::Invalid(_)
            | Self::Access(_)
            | Self::NotFound(_)
            | Self::RunNotFound(_)
            | Self::Exists(_)
            | Self::Paused
            | Self::NotRead(_)
            | Self::BadSignature
            | Self::Stale { .. }
            | Self::Cipher(_) => None,
        }
    }
}
