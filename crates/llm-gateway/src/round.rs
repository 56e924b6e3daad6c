//! One attempt's target and times.

use std::future::Future;

use commandcenter_domain::llm::{Failure, FailureKind, Patience, Target};
use tokio::time::{Instant, timeout_at};

use crate::failure::failure;

/// Where an attempt goes, and until when.
#[derive(Clone, Copy)]
pub(crate) struct Round<'a> {
    pub(crate) target: &'a Target,
    pub(crate) patience: &'a Patience,
    /// When the first token, or the whole answer, must be there.
    pub(crate) first_by: Instant,
    /// When the call must be over.
    pub(crate) deadline: Instant,
}

impl<'a> Round<'a> {
    /// An attempt that begins now.
    pub(crate) fn now(target: &'a Target, patience: &'a Patience, deadline: Instant) -> Self {
        Self { target, patience, first_by: Instant::now() + patience.first_token, deadline }
    }

    /// Waits for something that must be there in the time of the first token.
    ///
    /// # Errors
    /// Its failure, or that the time is over.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        timeout_at(self.first_by.min(self.deadline), work).await.unwrap_or_else(|_| Err(self.late()))
    }

    fn late(&self) -> Failure {
        let (kind, detail) = if self.deadline <= self.first_by {
            (FailureKind::TotalTimeout, "the call took longer than it may")
        } else {
            (FailureKind::FirstTokenTimeout, "no answer came in time")
        };
        failure(self.target, kind, detail)
    }
}
