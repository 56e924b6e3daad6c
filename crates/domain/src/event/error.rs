//! What can go wrong with following events.

use crate::shared::{Classified, EventId, Fault, FieldError, Invalid, StoreError};

/// An error of events.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The event to go on from is no longer kept (or never was, or is another project's: the two are told apart nowhere).
    #[error("event {0} is not kept (any more): read what you need through the API again, then follow without Last-Event-ID")]
    Gone(EventId),
    /// Input breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classified for EventError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Gone(_) => (Fault::Gone, "events-gone"),
            Self::Invalid(err) => err.classify(),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Gone(_) | Self::Store(_) => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::Gone(_) | Self::Invalid(_) => None,
        }
    }
}
