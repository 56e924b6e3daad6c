//! Waiting for events that were committed.

use commandcenter_domain::event::{Signal, SignalStream};
use futures::FutureExt;

/// Resolves when events may have been committed. Signals that came meanwhile are taken together: one look answers them all.
pub(crate) async fn events_ready(signals: &mut dyn SignalStream) {
    loop {
        match signals.next().await {
            Some(signal) if concerns(&signal) => break,
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
    while let Some(Some(_)) = signals.next().now_or_never() {}
}

const fn concerns(signal: &Signal) -> bool {
    match signal {
        Signal::EventsReady | Signal::Resync => true,
        Signal::JobsReady | Signal::JobChanged { .. } | Signal::JobProgress { .. } | Signal::JobCancel { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::event::SignalBus;

    use super::*;
    use crate::LocalBus;

    #[tokio::test]
    async fn what_came_meanwhile_is_answered_by_one_look() {
        let bus = LocalBus::new();
        let mut ear = bus.subscribe();
        for signal in [Signal::JobsReady, Signal::EventsReady, Signal::EventsReady, Signal::JobsReady, Signal::Resync] {
            bus.send(signal).await;
        }
        events_ready(&mut *ear).await;
        assert!(events_ready(&mut *ear).now_or_never().is_none());
        bus.send(Signal::Resync).await;
        assert!(events_ready(&mut *ear).now_or_never().is_some());
    }
}
