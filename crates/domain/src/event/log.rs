//! Events in the order in which they are given to readers.
//!
//! Ids are handed out when events are written, not when they are committed: on PostgreSQL an event with a lower id may become visible
//! after one with a higher id, and a reader that had gone past it would never see it. So committed events are put in an order of their
//! own: whoever does it holds the end of the order still until its transaction ends. What has a place is committed, everything before it
//! has been visible since before, and nothing will come in between.

use async_trait::async_trait;

use super::StoredEvent;
use crate::identity::ProjectScope;
use crate::shared::{EventId, ProjectId, StoreError, Timestamp};
use crate::store::Store;

/// A place in the order of all committed events. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(i64);

impl Place {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The place that storage knows by this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number that storage knows it by.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// What came behind a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Projects that have new events.
    pub projects: Vec<ProjectId>,
    /// The last place that is taken.
    pub last: Place,
}

/// The committed events, for readers.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Whether a committed event has no place yet. Takes no lock.
    async fn is_unordered(&self) -> Result<bool, StoreError>;
    /// Gives every committed event without a place one behind all others. Until the transaction ends, others that ask for the same wait.
    async fn put_in_order(&self) -> Result<(), StoreError>;
    /// The last place that is taken.
    async fn last(&self) -> Result<Place, StoreError>;
    /// What came behind a place, in every project.
    async fn moved(&self, after: Place) -> Result<Moved, StoreError>;
    /// At most `limit` of the project's events behind a place, in order.
    async fn after(&self, scope: &ProjectScope, place: Place, limit: u64) -> Result<Vec<(Place, StoredEvent)>, StoreError>;
    /// Where an event of the project is; `None` when it is no longer kept, never was, or is another project's.
    async fn place_of(&self, scope: &ProjectScope, id: EventId) -> Result<Option<Place>, StoreError>;
    /// The project's newest event.
    async fn newest(&self, scope: &ProjectScope) -> Result<Option<(EventId, Place)>, StoreError>;
    /// Removes at most `limit` events that were relayed before a moment; how many. Each project keeps its newest event, so that a reader who
    /// has seen everything can always go on from there.
    async fn sweep(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError>;
}

/// Puts what was committed by now in order.
///
/// # Errors
/// When storage fails.
pub async fn put_in_order(store: &dyn Store) -> Result<(), StoreError> {
    if !store.repos().events().is_unordered().await? {
        return Ok(());
    }
    let tx = store.begin().await?;
    tx.events().put_in_order().await?;
    tx.commit().await
}

/// Tells who follows a project that it may have new events.
pub trait EventNews: Send + Sync {
    /// What is new in a project from now on.
    fn follow(&self, project: ProjectId) -> Box<dyn NewsStream>;
}

/// A follower's end.
#[async_trait]
pub trait NewsStream: Send {
    /// Resolves when the project may have events that it had not at the last call. May be dropped before without losing anything.
    async fn next(&mut self);
}
