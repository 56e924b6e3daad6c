//! Events within one process, to whoever follows them.

use async_trait::async_trait;
use commandcenter_domain::event::{EventSink, StoredEvent};
use tokio::sync::broadcast::{self, error::RecvError};

/// Events a follower may lag behind before it has to read the missing ones from storage.
const CAPACITY: usize = 1024;

/// Gives events to every follower in this process.
#[derive(Debug, Clone)]
pub struct EventFanout(broadcast::Sender<StoredEvent>);

/// A follower's end.
#[derive(Debug)]
pub struct EventStream(broadcast::Receiver<StoredEvent>);

/// What a follower learns.
#[derive(Debug, Clone)]
pub enum Followed {
    /// An event, in order.
    Event(StoredEvent),
    /// Events were missed: read them from storage.
    Missed,
}

impl EventFanout {
    /// A fan-out without followers.
    #[must_use]
    pub fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// All events from now on.
    #[must_use]
    pub fn follow(&self) -> EventStream {
        EventStream(self.0.subscribe())
    }
}

impl Default for EventFanout {
    fn default() -> Self {
        Self::new()
    }
}

impl EventStream {
    /// The next event; `None` when the fan-out is gone.
    pub async fn next(&mut self) -> Option<Followed> {
        match self.0.recv().await {
            Ok(event) => Some(Followed::Event(event)),
            Err(RecvError::Lagged(_)) => Some(Followed::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

#[async_trait]
impl EventSink for EventFanout {
    async fn deliver(&self, events: &[StoredEvent]) {
        for event in events {
            drop(self.0.send(event.clone()));
        }
    }
}
