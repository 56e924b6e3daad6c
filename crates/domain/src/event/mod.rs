//! Events: what the rest of the system and the outside may learn of a change. Written to the outbox in the transaction that made the
//! change, published after its commit.

mod catalogue;
mod error;
mod filter;
mod log;

use async_trait::async_trait;
use serde_json::Value;

use crate::identity::ProjectScope;
use crate::shared::{EventId, ProjectId, StoreError, Timestamp};

pub use catalogue::EventType;
pub use error::EventError;
pub use filter::EventFilter;
pub use log::{EventLog, EventNews, Moved, NewsStream, Place, put_in_order};

/// An event to publish.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// `cc.<context>.<what>.v1`.
    pub kind: &'static str,
    /// The payload, shaped by the kind's schema.
    pub data: Value,
    /// When it happened.
    pub at: Timestamp,
}

/// An event as it lies in the outbox.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Identifies it. Not its place in the order of events: see [`EventLog`].
    pub id: EventId,
    /// Whose it is.
    pub project: ProjectId,
    /// `cc.<context>.<what>.v1`.
    pub kind: String,
    /// Who acted, as text.
    pub actor: String,
    /// The payload.
    pub data: Value,
    /// When it happened.
    pub at: Timestamp,
    /// The request that caused it.
    pub request_id: Option<String>,
}

/// The transactional outbox.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Appends an event; it is visible to the relay once the transaction commits.
    async fn publish(&self, scope: &ProjectScope, event: NewEvent) -> Result<(), StoreError>;
    /// Appends events of jobs, each in the name of its own project, in one statement.
    async fn publish_all(&self, events: Vec<(ProjectScope, NewEvent)>) -> Result<(), StoreError>;
    /// Whether the transaction that this belongs to may relay: no other one does at the time, of whatever process.
    async fn lead(&self) -> Result<bool, StoreError>;
    /// Events not yet relayed, oldest first.
    async fn unpublished(&self, limit: u64) -> Result<Vec<StoredEvent>, StoreError>;
    /// Marks events as relayed. Those that have no place in the order get theirs, so that readers find them, and the sweep once their time
    /// is over. For use within a transaction.
    async fn mark_published(&self, ids: &[EventId], at: Timestamp) -> Result<(), StoreError>;
}

/// Where the relay takes events once they are committed. Each event is delivered at least once.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Delivers events in order. The relay does not go on until this returns, and its transaction is open meanwhile: a sink does not write
    /// to storage here.
    async fn deliver(&self, events: &[StoredEvent]);
}

/// A short-lived signal between processes. It may be lost: whoever needs the truth reads the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// Jobs may be waiting to be claimed.
    JobsReady,
    /// A job's row changed: progress, state or a request to cancel.
    JobChanged {
        /// Whose job.
        project: ProjectId,
        /// Which.
        job: crate::shared::JobId,
    },
    /// A run got on: what it says is newer than the job's row.
    JobProgress {
        /// Whose job.
        project: ProjectId,
        /// Which.
        job: crate::shared::JobId,
        /// Which claim of it.
        fence: i64,
        /// Percent done.
        percent: i32,
        /// What is being done.
        step: Option<String>,
        /// Items done, failed and there.
        items: (i32, i32, Option<i32>),
    },
    /// Somebody asked a running job to stop.
    JobCancel {
        /// Which.
        job: crate::shared::JobId,
    },
    /// Events wait in the outbox.
    EventsReady,
    /// Signals may have been missed: whoever follows something reads it again.
    Resync,
}

/// Carries signals between the parts of the system, in one process or many.
#[async_trait]
pub trait SignalBus: Send + Sync {
    /// Sends a signal to every subscriber, here and in other processes. Best effort.
    async fn send(&self, signal: Signal);
    /// All signals from now on.
    fn subscribe(&self) -> Box<dyn SignalStream>;
}

/// A subscriber's end.
#[async_trait]
pub trait SignalStream: Send {
    /// The next signal. `None` when the bus has closed. Missed signals are made up for by one [`Signal::Resync`].
    /// May be dropped before it resolves without losing a signal.
    async fn next(&mut self) -> Option<Signal>;
}
