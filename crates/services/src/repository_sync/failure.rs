//! Why a run did not reach its end, and whether another attempt makes sense.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::CipherError;
use commandcenter_domain::job::JobFailure;
use commandcenter_domain::knowledge::KnowledgeError;
use commandcenter_domain::repository::HostError;

/// Why a run did not reach its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum SyncFailure {
    /// The host did not give what was asked for.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The knowledge base failed.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The token cannot be opened.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// The run was told to stop.
    #[error("cancelled")]
    Cancelled,
}

impl SyncFailure {
    /// For the metric.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Host(HostError::RateLimited { .. }) => "rate_limited",
            Self::Host(_) => "github_failed",
            Self::Store(_) | Self::Knowledge(_) | Self::Cipher(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn into_job_failure(self) -> JobFailure {
        match self {
            Self::Host(err) => of_host(&err),
            Self::Store(err) => JobFailure::of(&err),
            Self::Knowledge(KnowledgeError::Cancelled) | Self::Cancelled => JobFailure::Cancelled,
            Self::Knowledge(err) => JobFailure::of(&err),
            Self::Cipher(err) => JobFailure::Fail(format!("the stored access token cannot be used: {err}; store it again")),
        }
    }
}

fn of_host(err: &HostError) -> JobFailure {
    let reason = err.to_string();
    match err {
        HostError::RateLimited { until } => JobFailure::WaitUntil { reason, at: *until },
        HostError::ServerError { .. } | HostError::Timeout | HostError::Network(_) | HostError::Unexpected(_) => JobFailure::Retry(reason),
        HostError::Unauthorized
        | HostError::Forbidden { .. }
        | HostError::NotFound { .. }
        | HostError::EmptyRepository
        | HostError::TooLarge { .. }
        | HostError::Refused { .. } => JobFailure::Fail(reason),
    }
}
