//! Batches in storage.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::job::Job;
use crate::shared::{JobId, StoreError};

use super::{BatchCount, Tally};

/// Batches in storage. Every method is told the scope and takes one statement.
#[async_trait]
pub trait BatchRepo: Send + Sync {
    /// What the children of a batch came to so far, whatever their number.
    async fn tally(&self, scope: &ProjectScope, batch: JobId) -> Result<Tally, StoreError>;
    /// Some children of a batch in the order in which they were made, after the first `skip`.
    async fn parts(&self, scope: &ProjectScope, batch: JobId, (skip, limit): (u64, u64)) -> Result<Vec<Job>, StoreError>;
    /// The project's batches of each kind and state that has any.
    async fn count(&self, scope: &ProjectScope) -> Result<Vec<BatchCount>, StoreError>;
}
