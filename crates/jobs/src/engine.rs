//! The engine: claims while slots are free, sleeps until something is due, hands back what is left when it stops.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::StoreError;
use commandcenter_domain::event::{Signal, SignalStream};
use commandcenter_domain::job::{Claim, Job, Look, QueueName, StopReason};
use commandcenter_domain::shared::{ProjectId, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::options::{EngineOptions, EngineParts};
use crate::settler::{self, Handed};
use crate::{keeper, supervise};

/// First wait after storage failed; it doubles up to the poll interval.
const STORAGE_AWAY: Duration = Duration::from_millis(250);

/// How long a look at the queues holds while nothing but slots coming free wakes the engine.
const LOOK: Duration = Duration::from_millis(25);
/// How long to gather slots that come free together, so that one claim fills them.
const GATHER: Duration = Duration::from_millis(1);

/// Runs jobs.
pub struct Engine {
    core: Arc<Core>,
    handed: mpsc::Receiver<Handed>,
    /// The project whose turn was last, by queue.
    turns: BTreeMap<QueueName, ProjectId>,
    failures: u32,
    reaped: Option<Instant>,
    /// The last look, and the queues that it found ready.
    looked: Option<(Instant, Look)>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("options", &self.core.options).finish_non_exhaustive()
    }
}

/// Why the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// Jobs may be ready.
    Work,
    /// A slot came free, and there was more than there were slots for.
    Room,
    /// Time passed, or signals were missed: look at everything.
    Review,
    /// The engine is to stop.
    Stop,
}

/// When to look again.
#[derive(Debug, Clone, Copy)]
struct Next {
    within: Duration,
    /// Whether the queue held more than there were slots for.
    more: bool,
}

impl Engine {
    /// An engine that does nothing yet.
    #[must_use]
    pub fn new(parts: EngineParts, options: EngineOptions) -> Self {
        let (core, handed) = Core::new(parts, options);
        Self { core: Arc::new(core), handed, turns: BTreeMap::new(), failures: 0, reaped: None, looked: None }
    }

    /// Runs jobs until `shutdown`; then claims no more, lets those that run finish, and hands the rest back.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let core = self.core.clone();
        let handed = std::mem::replace(&mut self.handed, mpsc::channel(1).1);
        tokio::select! {
            () = keeper::keep(&core) => {}
            // Ends only with the engine, which holds the other end.
            () = settler::settle_all(&core, handed) => {}
            () = self.work_and_drain(&shutdown) => {}
        }
    }

    async fn work_and_drain(&mut self, shutdown: &CancellationToken) {
        let mut signals = self.core.parts.signals.subscribe();
        let mut woken = Woken::Review;
        while woken != Woken::Stop {
            let next = self.turn(woken, shutdown).await;
            woken = self.wait(next, &mut *signals, shutdown).await;
        }
        self.drain().await;
    }

    /// One look at the queue. When storage is away, the next look comes after a growing wait.
    async fn turn(&mut self, woken: Woken, shutdown: &CancellationToken) -> Next {
        match self.try_turn(woken, shutdown).await {
            Ok(next) => {
                self.failures = 0;
                next
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                tracing::warn!(error = &error as &dyn std::error::Error, "the queue cannot be read");
                let within = STORAGE_AWAY.saturating_mul(1 << self.failures.min(8)).min(self.core.options.poll);
                Next { within, more: false }
            }
        }
    }

    async fn try_turn(&mut self, woken: Woken, shutdown: &CancellationToken) -> Result<Next, StoreError> {
        let poll = self.core.options.poll;
        if woken == Woken::Review || self.reaped.is_none_or(|at| at.elapsed() >= poll) {
            self.reap().await?;
        }
        if self.core.room.is_full() {
            return Ok(Next { within: poll, more: true });
        }
        let look = self.look(woken).await?;
        let (mut more, now) = (false, self.core.parts.clock.now());
        for queue in look.ready {
            more |= self.claim(queue, shutdown).await?;
        }
        Ok(Next { within: look.next.map_or(poll, |at| until(now, at).min(poll)), more })
    }

    /// What is ready. A slot that comes free changes nothing about that: then a look of a moment ago will do.
    async fn look(&mut self, woken: Woken) -> Result<Look, StoreError> {
        if let (Woken::Room, Some((at, look))) = (woken, &self.looked)
            && at.elapsed() < LOOK
        {
            return Ok(look.clone());
        }
        let look = self.core.ledger().look(self.core.parts.clock.now()).await?;
        self.looked = Some((Instant::now(), look.clone()));
        Ok(look)
    }

    /// Fills the room of a queue; whether the queue may hold more than there was room for.
    async fn claim(&mut self, queue: QueueName, shutdown: &CancellationToken) -> Result<bool, StoreError> {
        let (options, free) = (&self.core.options, self.core.room.free(queue));
        if free == 0 {
            return Ok(true);
        }
        let (now, kinds) = (self.core.parts.clock.now(), self.core.parts.handlers.kinds_of(queue));
        let after = self.turns.get(&queue).copied().unwrap_or(ProjectId::new(0));
        let until = now + span(options.lease);
        let claim = Claim { owner: &options.owner, queue, after, kinds: &kinds, now, until, limit: free as u64 };
        let claimed = self.core.ledger().claim(&claim).await?;
        let more = claimed.len() == free;
        if let Some(last) = claimed.last() {
            self.turns.insert(queue, last.job.project);
        }
        for claimed in claimed {
            if shutdown.is_cancelled() {
                supervise::hand_back(&self.core, claimed, until);
            } else {
                supervise::start(&self.core, claimed, until);
            }
        }
        Ok(more)
    }

    async fn reap(&mut self) -> Result<(), StoreError> {
        let jobs = settler::reap(&self.core).await?;
        self.reaped = Some(Instant::now());
        for job in &jobs {
            let Job { id, kind, status, .. } = job;
            tracing::warn!(job.id = %id, job.kind = %kind, job.status = %status, "a job lost its worker");
            metrics::counter!("commandcenter_job_leases_lost_total", "job_type" => kind.as_str()).increment(1);
        }
        Ok(())
    }

    async fn wait(&self, next: Next, signals: &mut dyn SignalStream, shutdown: &CancellationToken) -> Woken {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => Woken::Stop,
            woken = self.signalled(signals) => woken,
            () = self.room(), if next.more => Woken::Room,
            () = sleep(next.within) => Woken::Review,
        }
    }

    /// Resolves when slots came free.
    async fn room(&self) {
        self.core.freed.notified().await;
        sleep(GATHER).await;
    }

    /// Resolves on a signal that bids to look at the queue. A closed bus leaves the poll.
    async fn signalled(&self, signals: &mut dyn SignalStream) -> Woken {
        loop {
            match signals.next().await {
                Some(Signal::JobsReady) => return Woken::Work,
                Some(Signal::Resync) => {
                    self.core.attend.notify_one();
                    return Woken::Review;
                }
                Some(Signal::JobCancel { job }) if self.core.live.runs(job) => self.core.attend.notify_one(),
                Some(Signal::JobCancel { .. } | Signal::JobChanged { .. } | Signal::JobProgress { .. } | Signal::EventsReady) => {}
                None => std::future::pending().await,
            }
        }
    }

    async fn drain(&self) {
        let Core { tasks, live, options, .. } = &*self.core;
        tasks.close();
        let handing_back = (options.grace * 2).min(options.drain / 2);
        tracing::info!(running = live.len(), "claiming no more jobs");
        if timeout(options.drain.saturating_sub(handing_back), tasks.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(running = live.len(), "handing unfinished jobs back");
        live.stop_all(StopReason::Shutdown);
        if timeout(handing_back, tasks.wait()).await.is_err() {
            tracing::error!(running = live.len(), "jobs are left to lose their leases");
        }
        self.core.parts.signals.send(Signal::JobsReady).await;
    }
}

/// A span of time as storage counts it.
pub(crate) fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// The time left, and a little more, so that the moment has passed for storage too when the wait is over.
fn until(now: Timestamp, at: Timestamp) -> Duration {
    (at - now).to_std().unwrap_or_default() + Duration::from_millis(2)
}
