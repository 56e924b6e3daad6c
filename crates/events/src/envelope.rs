//! What goes between processes: signals and who sent them.

use std::collections::HashSet;

use commandcenter_domain::event::Signal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::local::LocalBus;

/// Most bytes of the signals of one envelope: PostgreSQL refuses to notify of 8,000.
const FULL: usize = 7_500;

/// What goes over the wire. Many signals travel together: each envelope wakes every process that listens.
#[derive(Serialize, Deserialize)]
struct Envelope<S> {
    /// The process that sent it, which has delivered it to itself already.
    from: Uuid,
    signals: Vec<S>,
}

/// Takes a batch and gives each distinct signal of it once, in as few texts as hold them.
pub(crate) fn seal(batch: &mut Vec<Signal>, from: Uuid) -> Vec<String> {
    let (mut envelopes, mut held, mut bytes) = (Vec::new(), Vec::<Box<RawValue>>::new(), 0);
    let mut known = HashSet::with_capacity(batch.len());
    for signal in batch.drain(..) {
        let Some(text) = sound(serde_json::value::to_raw_value(&signal)) else { continue };
        if !known.insert(text.get().to_owned()) {
            continue;
        }
        if bytes + text.get().len() > FULL && !held.is_empty() {
            envelopes.push(std::mem::take(&mut held));
            bytes = 0;
        }
        bytes += text.get().len() + 1;
        held.push(text);
    }
    envelopes.push(held);
    let texts = envelopes.into_iter().filter(|signals| !signals.is_empty());
    texts.filter_map(|signals| sound(serde_json::to_string(&Envelope { from, signals }))).collect()
}

fn sound<T>(written: Result<T, serde_json::Error>) -> Option<T> {
    written.inspect_err(|error| tracing::error!(%error, "a signal cannot be written as JSON")).ok()
}

/// Delivers what was heard, unless this process sent it.
pub(crate) fn open(text: &[u8], node: Uuid, local: &LocalBus) {
    match serde_json::from_slice::<Envelope<Box<RawValue>>>(text) {
        Ok(Envelope { from, signals }) if from != node => signals.iter().for_each(|signal| deliver(signal, local)),
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "signals were not understood"),
    }
}

fn deliver(signal: &RawValue, local: &LocalBus) {
    match serde_json::from_str(signal.get()) {
        Ok(signal) => local.deliver(signal),
        // A newer version may send what this one does not know.
        Err(error) => tracing::debug!(%error, "a signal was not understood"),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::event::SignalBus;
    use commandcenter_domain::shared::{JobId, ProjectId};

    use super::*;

    #[tokio::test]
    async fn a_batch_holds_each_signal_once_and_its_sender_does_not_hear_it_again() {
        let (bus, here, there) = (LocalBus::new(), Uuid::new_v4(), Uuid::new_v4());
        let mut ear = bus.subscribe();
        let mut batch = vec![Signal::JobsReady, Signal::EventsReady, Signal::JobsReady];
        let sealed = seal(&mut batch, there);
        assert_eq!((sealed.len(), batch.len()), (1, 0));
        open(seal(&mut vec![Signal::Resync], here)[0].as_bytes(), here, &bus);
        open(b"{\"from\":\"?\"}", here, &bus);
        open(sealed[0].as_bytes(), here, &bus);
        open(seal(&mut vec![Signal::Resync], there)[0].as_bytes(), here, &bus);
        for signal in [Signal::JobsReady, Signal::EventsReady, Signal::Resync] {
            assert_eq!(ear.next().await, Some(signal));
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_into_one_envelope_goes_in_several_and_an_unknown_signal_harms_no_other() {
        let (bus, here, there) = (LocalBus::new(), Uuid::new_v4(), Uuid::new_v4());
        let mut ear = bus.subscribe();
        let changed = |job| Signal::JobChanged { project: ProjectId::new(1), job: JobId::new(job) };
        let sealed = seal(&mut (0..500).map(changed).collect(), there);
        assert!(sealed.len() > 1 && sealed.iter().all(|text| text.len() < 8_000), "{}", sealed.len());
        for text in &sealed {
            open(text.as_bytes(), here, &bus);
        }
        for job in 0..500 {
            assert_eq!(ear.next().await, Some(changed(job)));
        }
        open(format!(r#"{{"from":"{there}","signals":[{{"type":"never heard of"}},{{"type":"resync"}}]}}"#).as_bytes(), here, &bus);
        assert_eq!(ear.next().await, Some(Signal::Resync));
    }
}
