//! Circuits: a model that keeps failing is left alone for a while, so that its callers do not wait for it in vain.

use std::time::Duration;

use async_trait::async_trait;

use crate::shared::ProviderId;
use crate::text_enum;

text_enum! {
    /// What a circuit lets through.
    CircuitState {
        /// Everything.
        Closed = "closed",
        /// One call, to see whether the model is back.
        HalfOpen = "half_open",
        /// Nothing.
        Open = "open",
    }
}

/// What one circuit stands for: one model at one provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CircuitKey {
    /// The provider's row.
    pub provider: ProviderId,
    /// The model's name at the provider.
    pub model: String,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// As always.
    Pass,
    /// As the one that shows whether the model is back.
    Probe,
    /// Not yet.
    Refused {
        /// How long it takes until one may be tried.
        retry_after: Duration,
    },
}

/// What an attempt says of the model's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answered, be it with a refusal.
    Good,
    /// It was away, silent, broken, or broke off.
    Bad,
    /// Nothing: the caller went away, or the attempt was never made.
    Unknown,
}

/// Circuits, in this process or shared by several. Never fails: a store that is away lets everything through.
#[async_trait]
pub trait Circuits: Send + Sync {
    /// Whether a call may be made now. Who is let through must [`Circuits::report`] afterwards.
    async fn admit(&self, key: &CircuitKey) -> Admission;
    /// Takes note of how an attempt went, and says how the circuit stands now.
    async fn report(&self, key: &CircuitKey, verdict: Verdict) -> CircuitState;
}
