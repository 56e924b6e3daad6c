//! Politeness: a pause between two requests to a host, few at once, and a host that is away is left alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// Requests to one host at once.
const AT_ONCE: usize = 2;
/// Failed connections in a row after which a host counts as away.
const STRIKES: u32 = 3;
/// How long a host that is away is left alone.
const AWAY: Duration = Duration::from_secs(30);
/// Hosts that are remembered before those nobody uses are forgotten.
const MOST: usize = 512;

/// The hosts that are spoken to.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

/// One host.
#[derive(Debug)]
pub(crate) struct Host {
    /// When the next request may start.
    turn: Turn<Instant>,
    slots: Semaphore,
    strikes: Mutex<(u32, Option<Instant>)>,
}

impl Pace {
    /// The host of an origin.
    pub(crate) fn host(&self, origin: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        hosts.entry(origin.to_owned()).or_insert_with(|| Arc::new(Host::new())).clone()
    }
}

impl Host {
    fn new() -> Self {
        Self { turn: Turn::new(Instant::now()), slots: Semaphore::new(AT_ONCE), strikes: Mutex::new((0, None)) }
    }

    /// Waits for the turn of a request; the next one starts `pause` later at the earliest.
    pub(crate) async fn take_turn(&self, pause: Duration) -> Option<SemaphorePermit<'_>> {
        let slot = self.slots.acquire().await.ok();
        let mut next = self.turn.lock().await;
        sleep_until(*next).await;
        *next = Instant::now() + pause;
        slot
    }

    /// Lets nobody start before `wait` is over: the host said that it has too much to do.
    pub(crate) async fn hold(&self, wait: Duration) {
        let mut next = self.turn.lock().await;
        *next = (*next).max(Instant::now() + wait);
    }

    /// Whether it did not answer lately.
    pub(crate) fn is_away(&self) -> bool {
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        strikes.1.is_some_and(|until| Instant::now() < until)
    }

    /// It answered, whatever it said.
    pub(crate) fn answered(&self) {
        *self.strikes.lock().unwrap_or_else(PoisonError::into_inner) = (0, None);
    }

    /// It did not.
    pub(crate) fn failed(&self) {
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        strikes.0 += 1;
        if strikes.0 >= STRIKES {
            *strikes = (0, Some(Instant::now() + AWAY));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn requests_to_a_host_keep_their_distance() {
        let pace = Pace::default();
        let (start, host) = (Instant::now(), pace.host("http://a"));
        for _ in 0..3 {
            drop(host.take_turn(PAUSE).await);
        }
        assert!(start.elapsed() >= PAUSE * 2, "{:?}", start.elapsed());
        pace.host("http://a").hold(PAUSE * 4).await;
        drop(host.take_turn(Duration::ZERO).await);
        assert!(start.elapsed() >= PAUSE * 6, "a host that asks for time gets it: {:?}", start.elapsed());
    }

    #[tokio::test]
    async fn another_host_does_not_wait() {
        let pace = Pace::default();
        pace.host("http://a").hold(Duration::from_hours(1)).await;
        drop(pace.host("http://b").take_turn(Duration::from_hours(1)).await);
    }

    #[test]
    fn a_host_that_is_away_is_left_alone() {
        let host = Host::new();
        host.failed();
        host.failed();
        host.answered();
        host.failed();
        host.failed();
        assert!(!host.is_away(), "an answer in between counts");
        host.failed();
        assert!(host.is_away());
        host.answered();
        assert!(!host.is_away());
    }
}
