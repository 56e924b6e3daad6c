//! What keeps an attempt from being carried out or answered again.

use crate::identity::CipherError;
use crate::shared::{Classified, Fault, FieldError, Invalid, StoreError};

/// An error of idempotency.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The first request with this key has not ended.
    #[error("a request with this Idempotency-Key is being carried out")]
    InProgress,
    /// The key stands for another body.
    #[error("this Idempotency-Key was used with another body within the last 24 hours")]
    Reused,
    /// The key breaks its rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The first answer can neither be sealed nor opened.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// What was opened is no record.
    #[error("a stored answer cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classified for IdempotencyError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::InProgress => (Fault::Conflict, "idempotency-in-progress"),
            Self::Reused => (Fault::Invalid, "idempotency-key-reused"),
            Self::Invalid(err) => err.classify(),
            Self::Cipher(_) | Self::Unreadable(_) => (Fault::Internal, "internal"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::InProgress | Self::Reused | Self::Cipher(_) | Self::Unreadable(_) | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::InProgress => Some(1),
            Self::Store(err) => err.retry_after(),
            Self::Reused | Self::Invalid(_) | Self::Cipher(_) | Self::Unreadable(_) => None,
        }
    }
}
