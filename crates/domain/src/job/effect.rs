//! Effects outside the system, made once although jobs may run more than once.
//!
//! A job that charges, sends or creates something outside opens an effect before it acts and closes it afterwards. The effect's key is
//! the same on every attempt, so the outside system can tell a repeat from a new order, and be asked what became of the first one.

use async_trait::async_trait;
use serde_json::Value;

use crate::shared::{StoreError, Timestamp};

use super::{JobFailure, JobRun, Lease, Written};

/// Where an effect stands when a run opens it.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectState {
    /// No run has tried it.
    New,
    /// An earlier run opened it and did not live to close it: it may have happened or not. The outside system knows by the key.
    Unsettled,
    /// It happened, with this result.
    Done(Value),
}

/// An effect that a run may act on.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What the outside system is to recognise it by; the same on every attempt, and no other effect's.
    pub key: String,
    /// Where it stands.
    pub state: EffectState,
}

/// The ledger of effects. Every write needs the job's lease.
#[async_trait]
pub trait EffectLedger: Send + Sync {
    /// Opens an effect of the job, or finds it as an earlier run left it. `None` when the lease is lost.
    async fn open_effect(&self, lease: &Lease, name: &str, at: Timestamp) -> Result<Option<Effect>, StoreError>;
    /// Notes that it happened. Within a transaction it keeps the lease from being taken away until that ends.
    async fn close_effect(&self, lease: &Lease, name: &str, (result, at): (&Value, Timestamp)) -> Result<Written, StoreError>;
}

/// An act on an outside system that knows its orders by key.
#[async_trait]
pub trait Outside: Send + Sync {
    /// What became of an order of this key; `None` when there never was one.
    async fn recall(&self, key: &str) -> Result<Option<Value>, JobFailure>;
    /// Acts, under this key.
    async fn act(&self, key: &str) -> Result<Value, JobFailure>;
}

/// Makes an effect once, however often the job runs: what an earlier run noted is given back, what it left unsettled is asked about
/// before it is tried again.
///
/// # Errors
/// The outside system's own failures; [`JobFailure::Retry`] when the ledger cannot be reached, [`JobFailure::Cancelled`] when the lease
/// is lost.
pub async fn once(run: &dyn JobRun, name: &str, outside: &dyn Outside) -> Result<Value, JobFailure> {
    let Effect { key, state } = run.open_effect(name).await?;
    let before = match state {
        EffectState::Done(result) => return Ok(result),
        EffectState::Unsettled => outside.recall(&key).await?,
        EffectState::New => None,
    };
    let result = match before {
        Some(result) => result,
        None => outside.act(&key).await?,
    };
    run.close_effect(name, &result).await?;
    Ok(result)
}
