//! What can go wrong with the gateway's settings.

use super::CallError;
use crate::identity::{AccessError, CipherError, IdentityError};
use crate::shared::{ApiKeyId, BudgetId, Classified, Fault, FieldError, Invalid, ProviderId, StoreError};

/// Why a use case of the gateway's settings did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// Input that breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The caller may not change the instance's settings, or named no project.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Absent, or another project's.
    #[error("no provider {0}")]
    ProviderNotFound(ProviderId),
    /// The owner has a provider of that name.
    #[error("there is a provider named `{0}` already")]
    ProviderExists(String),
    /// The provider is set up elsewhere.
    #[error("the provider `{0}` is set up in the configuration of the process: here only its models and `enabled` change")]
    ProviderReadOnly(String),
    /// The provider has no model to try.
    #[error("the provider `{0}` has no such model to try: give it one")]
    NothingToTest(String),
    /// The role is not set here.
    #[error("no model is set for the role `{0}` here")]
    RoleNotFound(String),
    /// Absent, or another project's.
    #[error("no budget {0}")]
    BudgetNotFound(BudgetId),
    /// The project has a budget of that name.
    #[error("this project has a budget named `{0}` already")]
    BudgetExists(String),
    /// Absent, or of no use in the project.
    #[error("no API key {0} works in this project")]
    KeyNotFound(ApiKeyId),
    /// The key has no limits here.
    #[error("the API key {0} has no limits here")]
    LimitsNotFound(ApiKeyId),
    /// The thing moved since the caller read it.
    #[error("it has changed: its version is {current} now")]
    Stale {
        /// Its version.
        current: i64,
    },
    /// The key could not be sealed or opened.
    #[error("the key could not be protected")]
    Cipher(#[from] CipherError),
    /// A call failed, or a model is not known.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Storage failed. The cause goes to the log and never to the client.
    #[error("storage of the gateway's settings failed")]
    Store(#[from] StoreError),
}

impl Classified for LlmError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Invalid(err) => err.classify(),
            Self::Access(err) => err.classify(),
            Self::Identity(err) => err.classify(),
            Self::ProviderNotFound(_) => (Fault::NotFound, "provider-not-found"),
            Self::ProviderExists(_) => (Fault::Conflict, "provider-exists"),
            Self::ProviderReadOnly(_) => (Fault::Conflict, "provider-read-only"),
            Self::NothingToTest(_) => (Fault::Conflict, "provider-without-model"),
            Self::RoleNotFound(_) => (Fault::NotFound, "agent-not-found"),
            Self::BudgetNotFound(_) => (Fault::NotFound, "budget-not-found"),
            Self::BudgetExists(_) => (Fault::Conflict, "budget-exists"),
            Self::KeyNotFound(_) => (Fault::NotFound, "api-key-not-found"),
            Self::LimitsNotFound(_) => (Fault::NotFound, "limits-not-found"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::Cipher(_) => (Fault::Internal, "internal"),
            Self::Call(err) => err.classify(),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::Identity(err) => err.fields(),
            Self::Call(err) => err.fields(),
            _ => &[],
        }
    }

    fn limit(&self) -> Option<u64> {
        match self {
            Self::Call(err) => err.limit(),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Identity(err) => err.retry_after(),
            Self::Call(err) => err.retry_after(),
            Self::Store(err) => err.retry_after(),
            _ => None,
        }
    }
}
