//! Signals within one process.

use async_trait::async_trait;
use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use tokio::sync::broadcast::{self, error::RecvError};

/// Signals a subscriber may lag behind before it is told to look at everything again.
const CAPACITY: usize = 4096;

/// Signals within one process.
#[derive(Debug, Clone)]
pub struct LocalBus(broadcast::Sender<Signal>);

impl LocalBus {
    /// A bus without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// Sends to the subscribers of this process. Without one, nobody is told.
    pub(crate) fn deliver(&self, signal: Signal) {
        drop(self.0.send(signal));
    }
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl SignalBus for LocalBus {
    async fn send(&self, signal: Signal) {
        self.deliver(signal);
    }

    fn subscribe(&self) -> Box<dyn SignalStream> {
        Box::new(Subscriber(self.0.subscribe()))
    }
}

struct Subscriber(broadcast::Receiver<Signal>);

#[async_trait]
impl SignalStream for Subscriber {
    async fn next(&mut self) -> Option<Signal> {
        match self.0.recv().await {
            Ok(signal) => Some(signal),
            Err(RecvError::Lagged(_)) => Some(Signal::Resync),
            Err(RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_subscriber_hears_every_signal() {
        let bus = LocalBus::new();
        let mut ears = [bus.subscribe(), bus.subscribe()];
        bus.send(Signal::JobsReady).await;
        for ear in &mut ears {
            assert_eq!(ear.next().await, Some(Signal::JobsReady));
        }
    }

    #[tokio::test]
    async fn who_lags_behind_is_told_to_look_again() {
        let bus = LocalBus::new();
        let mut ear = bus.subscribe();
        for _ in 0..=CAPACITY {
            bus.send(Signal::JobsReady).await;
        }
        assert_eq!(ear.next().await, Some(Signal::Resync));
        assert_eq!(ear.next().await, Some(Signal::JobsReady));
    }
}
