//! Why a run did not reach its end, and whether another attempt makes sense.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::CipherError;
use commandcenter_domain::job::JobFailure;
use commandcenter_domain::knowledge::KnowledgeError;
use commandcenter_domain::repository::HostError;
use commandcenter_domain::source::ReadFailure;

/// Why a run did not reach its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum SyncFailure {
    /// The place as a whole cannot be read.
    #[error(transparent)]
    Place(#[from] ReadFailure),
    /// Not one item could be read; this is why the first could not.
    #[error("nothing could be read: {0}")]
    Nothing(String),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The knowledge base failed.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The token of the repository cannot be opened.
    #[error("the stored access token cannot be used: {0}; store it again")]
    Cipher(#[from] CipherError),
    /// The run was told to stop.
    #[error("cancelled")]
    Cancelled,
}

impl SyncFailure {
    /// For the metric.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Place(ReadFailure::Host(HostError::RateLimited { .. })) => "rate_limited",
            Self::Place(_) | Self::Nothing(_) => "unreadable",
            Self::Store(_) | Self::Knowledge(_) | Self::Cipher(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn into_job_failure(self) -> JobFailure {
        match self {
            Self::Place(ReadFailure::Host(HostError::RateLimited { until })) => {
                let reason = HostError::RateLimited { until }.to_string();
                JobFailure::WaitUntil { reason, at: until }
            }
            Self::Place(err) if err.is_passing() => JobFailure::Retry(err.to_string()),
            Self::Place(err) => JobFailure::Fail(err.to_string()),
            Self::Nothing(_) | Self::Cipher(_) => JobFailure::Fail(self.to_string()),
            Self::Store(err) => JobFailure::of(&err),
            Self::Knowledge(KnowledgeError::Cancelled) | Self::Cancelled => JobFailure::Cancelled,
            Self::Knowledge(err) => JobFailure::of(&err),
        }
    }
}
