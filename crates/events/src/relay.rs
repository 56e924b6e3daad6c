//! Takes committed events out of the outbox.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::event::{EventSink, SignalBus, StoredEvent};
use commandcenter_domain::shared::EventId;
use commandcenter_domain::{Clock, Store, StoreError};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::wake::events_ready;

/// Most events taken at once.
const BATCH: u64 = 200;
/// Shortest time between two looks: a stream of events is taken in batches. One that comes after a pause is taken at once.
const GATHER: Duration = Duration::from_millis(20);
/// Longest time without a look, in case a signal was lost.
const POLL: Duration = Duration::from_secs(5);

/// Delivers committed events to a sink, in order, each at least once: one that was delivered and could not be marked comes again.
pub struct Relay {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    signals: Arc<dyn SignalBus>,
    sink: Arc<dyn EventSink>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

impl Relay {
    /// A relay that does nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, signals: Arc<dyn SignalBus>, sink: Arc<dyn EventSink>) -> Self {
        Self { store, clock, signals, sink }
    }

    /// Relays until `shutdown`, then once more what is left.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut signals = self.signals.subscribe();
        while !shutdown.is_cancelled() {
            self.relay_all().await;
            sleep(GATHER).await;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = events_ready(&mut *signals) => {}
                () = sleep(POLL) => {}
            }
        }
        self.relay_all().await;
    }

    async fn relay_all(&self) {
        loop {
            match self.relay_some().await {
                Ok(BATCH..) => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(error = &error as &dyn std::error::Error, "the outbox cannot be relayed"),
            }
        }
    }

    /// Relays one batch and tells how many events it had. Leaves them to another relay that is at it: what was committed too late for that
    /// one wakes it again.
    async fn relay_some(&self) -> Result<u64, StoreError> {
        let tx = self.store.begin().await?;
        let outbox = tx.outbox();
        if !outbox.lead().await? {
            return Ok(0);
        }
        let events: Vec<StoredEvent> = outbox.unpublished(BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        self.sink.deliver(&events).await;
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        outbox.mark_published(&ids, self.clock.now()).await?;
        tx.commit().await?;
        Ok(ids.len() as u64)
    }
}
