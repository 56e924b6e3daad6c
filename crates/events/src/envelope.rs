//! What goes between processes: a signal and who sent it.

use commandcenter_domain::event::Signal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::local::LocalBus;

/// What goes over the wire.
#[derive(Serialize, Deserialize)]
struct Envelope {
    /// The process that sent it, which has delivered it to itself already.
    from: Uuid,
    signal: Signal,
}

/// Takes a batch and gives each distinct signal of it once, as text.
pub(crate) fn seal(batch: &mut Vec<Signal>, from: Uuid) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::with_capacity(batch.len());
    for signal in batch.drain(..) {
        match serde_json::to_string(&Envelope { from, signal }) {
            Ok(text) if !payloads.contains(&text) => payloads.push(text),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "a signal cannot be written as JSON"),
        }
    }
    payloads
}

/// Delivers what was heard, unless this process sent it.
pub(crate) fn open(text: &[u8], node: Uuid, local: &LocalBus) {
    match serde_json::from_slice::<Envelope>(text) {
        Ok(Envelope { from, signal }) if from != node => local.deliver(signal),
        Ok(_) => {}
        // A newer version may send what this one does not know.
        Err(error) => tracing::debug!(%error, "a signal was not understood"),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::event::SignalBus;

    use super::*;

    #[tokio::test]
    async fn a_batch_holds_each_signal_once_and_its_sender_does_not_hear_it_again() {
        let (bus, here, there) = (LocalBus::new(), Uuid::new_v4(), Uuid::new_v4());
        let mut ear = bus.subscribe();
        let mut batch = vec![Signal::JobsReady, Signal::EventsReady, Signal::JobsReady];
        let sealed = seal(&mut batch, there);
        assert_eq!((sealed.len(), batch.len()), (2, 0));
        open(seal(&mut vec![Signal::Resync], here)[0].as_bytes(), here, &bus);
        open(b"{\"from\":\"?\"}", here, &bus);
        open(sealed[0].as_bytes(), here, &bus);
        assert_eq!(ear.next().await, Some(Signal::JobsReady));
    }
}
