//! The loop: looks, then sleeps until the next fire, a signal, or the safety poll.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{Clock, Store, StoreError};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{fire, outcome};

/// Shortest time between two looks: signals that come in between share one.
const PAUSE: Duration = Duration::from_millis(50);

/// What a scheduler works with.
#[derive(Clone)]
pub struct SchedulerParts {
    /// Where schedules and jobs are.
    pub store: Arc<dyn Store>,
    /// What fire times are compared with.
    pub clock: Arc<dyn Clock>,
    /// What wakes it and what it tells of.
    pub signals: Arc<dyn SignalBus>,
}

impl std::fmt::Debug for SchedulerParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SchedulerParts")
    }
}

/// Fires schedules.
#[derive(Debug)]
pub struct Scheduler {
    parts: SchedulerParts,
    poll: Duration,
}

impl Scheduler {
    /// A scheduler that looks at least once per `poll`.
    #[must_use]
    pub const fn new(parts: SchedulerParts, poll: Duration) -> Self {
        Self { parts, poll }
    }

    /// Fires schedules until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut signals = self.parts.signals.subscribe();
        loop {
            let looked = Instant::now();
            let within = self.turn().await;
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                () = woken(&mut *signals) => pause(&mut *signals, looked + PAUSE).await,
                () = sleep(within) => {}
            }
        }
    }

    /// One look: what ended is written down, what is due is fired. Tells when the next fire is due.
    ///
    /// # Errors
    /// When storage fails. What was committed until then stays; the next look goes on from there.
    pub async fn look(&self) -> Result<Option<Timestamp>, StoreError> {
        outcome::settle_ended(&self.parts).await?;
        fire::fire_due(&self.parts).await
    }

    async fn turn(&self) -> Duration {
        match self.look().await {
            Ok(next) => next.map_or(self.poll, |next| self.until(next).min(self.poll)),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "schedules cannot be read");
                self.poll.min(Duration::from_secs(2))
            }
        }
    }

    /// The time left, and a little more, so that the moment has passed for storage too when the wait is over.
    fn until(&self, next: Timestamp) -> Duration {
        (next - self.parts.clock.now()).to_std().unwrap_or_default() + Duration::from_millis(2)
    }
}

/// Resolves on a signal after which schedules may have something to do: an event was written (a schedule changed, a job ended), or a
/// job was cancelled. A closed bus leaves the poll.
async fn woken(signals: &mut dyn SignalStream) {
    loop {
        match signals.next().await {
            Some(Signal::EventsReady | Signal::JobCancel { .. } | Signal::Resync) => return,
            Some(Signal::JobsReady | Signal::JobChanged { .. } | Signal::JobProgress { .. }) => {}
            None => std::future::pending().await,
        }
    }
}

/// Waits until a moment, taking in what is signalled meanwhile.
async fn pause(signals: &mut dyn SignalStream, until: Instant) {
    let drained = async {
        while signals.next().await.is_some() {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = sleep_until(until) => {}
        () = drained => {}
    }
}
