//! What can go wrong with a call.

use std::time::Duration;

use super::Rate;
use crate::shared::{Classified, Fault, FieldError, Invalid, StoreError, Timestamp};
use crate::text_enum;

text_enum! {
    /// What broke an attempt.
    FailureKind {
        /// No connection.
        Connect = "connect",
        /// The provider was silent for too long before its first token.
        FirstTokenTimeout = "first_token_timeout",
        /// The stream stood still for too long.
        Stalled = "stalled",
        /// The call took longer than it may.
        TotalTimeout = "total_timeout",
        /// The connection ended before the answer did.
        Cut = "cut",
        /// What came is not of the provider's dialect.
        Malformed = "malformed",
        /// The provider asks for patience (408, 409, 429).
        Throttled = "throttled",
        /// The provider failed (5xx).
        Upstream = "upstream",
        /// The provider rejected the key (401, 403).
        RejectedKey = "rejected_key",
        /// The provider refused the request (other 4xx).
        Refused = "refused",
        /// The answer does not satisfy the schema, asked twice.
        SchemaMismatch = "schema_mismatch",
        /// The circuit to this model is open.
        CircuitOpen = "circuit_open",
        /// The caller went away.
        Cancelled = "cancelled",
    }
}

/// One attempt that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{alias}/{model}: {kind}: {detail}")]
pub struct Failure {
    /// The provider's name.
    pub alias: String,
    /// The model.
    pub model: String,
    /// What broke it.
    pub kind: FailureKind,
    /// The provider's status, if it answered.
    pub status: Option<u16>,
    /// For a person; never holds a key.
    pub detail: String,
    /// How long the provider asked to wait.
    pub retry_after: Option<Duration>,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Nothing to call.
    #[error("no model is configured for this: add a provider under /api/v1/settings/providers, then name one of its models{0}")]
    NotConfigured(String),
    /// A model that nobody configured.
    #[error("no model `{asked}`; known are: {}", known.join(", "))]
    UnknownModel {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// More than the model can hold.
    #[error("the request takes about {needed} tokens, the model holds {window}")]
    ContextTooLong {
        /// Tokens of the request, its answer included.
        needed: u64,
        /// The model's window.
        window: u64,
    },
    /// A budget is used up.
    #[error("the budget `{name}` is used up{}", resets_at.map(|at| format!("; it starts again at {}", at.to_rfc3339())).unwrap_or_default())]
    BudgetExhausted {
        /// The budget.
        name: String,
        /// When it starts again; never for a total.
        resets_at: Option<Timestamp>,
        /// Seconds until then.
        retry_after: Option<u64>,
    },
    /// A limit of the caller's key is reached.
    #[error("this API key may use {limit} {of} a minute here, which are used or promised to calls under way; try again in {retry_after} s")]
    RateLimited {
        /// What is limited.
        of: Rate,
        /// How much of it a minute has.
        limit: u64,
        /// Seconds.
        retry_after: u64,
    },
    /// Every target failed; this is the last failure.
    #[error("no provider answered: {0}")]
    Failed(#[source] Failure),
    /// The ledger could not be written, so nothing was called.
    #[error("storage of the ledger failed")]
    Store(#[from] StoreError),
}

impl Classified for CallError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::NotConfigured(_) => (Fault::Unavailable, "llm-not-configured"),
            Self::UnknownModel { .. } => (Fault::Invalid, "unknown-model"),
            Self::ContextTooLong { .. } => (Fault::Invalid, "context-too-long"),
            Self::BudgetExhausted { .. } => (Fault::Throttled, "budget-exhausted"),
            Self::RateLimited { .. } => (Fault::Throttled, "rate-limited"),
            Self::Failed(failure) => failure.classify(),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            _ => &[],
        }
    }

    fn limit(&self) -> Option<u64> {
        match self {
            Self::RateLimited { limit, .. } => Some(*limit),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::BudgetExhausted { retry_after, .. } => *retry_after,
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::Failed(failure) => failure.retry_after.map(|wait| wait.as_secs().max(1)),
            Self::Store(err) => err.retry_after(),
            Self::Invalid(_) | Self::NotConfigured(_) | Self::UnknownModel { .. } | Self::ContextTooLong { .. } => None,
        }
    }
}

impl Classified for Failure {
    fn classify(&self) -> (Fault, &'static str) {
        match self.kind {
            FailureKind::RejectedKey => (Fault::Upstream, "provider-rejected-key"),
            FailureKind::Throttled => (Fault::Unavailable, "provider-throttled"),
            FailureKind::FirstTokenTimeout | FailureKind::Stalled | FailureKind::TotalTimeout => {
                (Fault::UpstreamTimeout, "provider-timeout")
            }
            FailureKind::CircuitOpen => (Fault::Unavailable, "provider-unavailable"),
            FailureKind::SchemaMismatch => (Fault::Upstream, "schema-mismatch"),
            FailureKind::Refused => (Fault::Upstream, "provider-refused"),
            FailureKind::Connect | FailureKind::Cut | FailureKind::Malformed | FailureKind::Upstream | FailureKind::Cancelled => {
                (Fault::Upstream, "provider-failed")
            }
        }
    }
}
