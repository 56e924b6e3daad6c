//! Attempts in storage.

use async_trait::async_trait;

use crate::shared::{AttemptId, ProjectId, StoreError, Timestamp, UserId};

/// An attempt to reserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// The digest that names it: of who asks, for which project, where, and the key.
    pub slot: String,
    /// Whose account it goes with.
    pub user: UserId,
    /// Which project it goes with.
    pub project: Option<ProjectId>,
    /// When it is reserved.
    pub at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// An attempt as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Its id.
    pub id: AttemptId,
    /// The sealed record; `None` while it is carried out.
    pub sealed: Option<Vec<u8>>,
    /// When its holder last said that it lives.
    pub renewed_at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// Attempts by slot. A slot holds all there is of a scope, so no method takes one.
#[async_trait]
pub trait IdempotencyRepo: Send + Sync {
    /// Reserves the slot; `None` when it is taken. Of many that try at once one gets it.
    async fn reserve(&self, new: &NewAttempt) -> Result<Option<AttemptId>, StoreError>;
    /// What is in the slot.
    async fn find(&self, slot: &str) -> Result<Option<AttemptRow>, StoreError>;
    /// Removes an attempt that still is as it was read: expired, or not renewed and not ended since. Changes nothing otherwise.
    async fn clear(&self, row: &AttemptRow) -> Result<(), StoreError>;
    /// Says that the holder lives.
    async fn renew(&self, id: AttemptId, at: Timestamp) -> Result<(), StoreError>;
    /// Keeps the sealed record. Answers whether the attempt still was the holder's.
    async fn complete(&self, id: AttemptId, sealed: Vec<u8>) -> Result<bool, StoreError>;
    /// Gives a reservation up. Ended attempts stay.
    async fn release(&self, id: AttemptId) -> Result<(), StoreError>;
    /// Removes what has expired. Answers how many there were.
    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
}
