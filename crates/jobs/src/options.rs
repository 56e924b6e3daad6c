//! What an engine is made of and how it behaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::event::SignalBus;
use commandcenter_domain::job::{QueueName, RetryPolicy, RunLimits};
use commandcenter_domain::{Clock, Store};

use crate::registry::Registry;

/// Draws a number evenly from 0 to 1. An argument, so that tests can set it.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// What an engine works with.
#[derive(Clone)]
pub struct EngineParts {
    /// Where jobs are.
    pub store: Arc<dyn Store>,
    /// Where effects are entered. What is written there must survive anything, while the loss of a claim or an ending only makes a job run
    /// again.
    pub effects: Arc<dyn Store>,
    /// What leases and waits are measured by.
    pub clock: Arc<dyn Clock>,
    /// What wakes it and what it tells of.
    pub signals: Arc<dyn SignalBus>,
    /// Who does which kind.
    pub handlers: Registry,
    /// The jitter of retries.
    pub chance: Chance,
}

impl std::fmt::Debug for EngineParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineParts").field("handlers", &self.handlers).finish_non_exhaustive()
    }
}

/// How an engine behaves.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Its name on leases. Must differ from every other engine's, past ones included.
    pub owner: String,
    /// Jobs it runs at once.
    pub slots: usize,
    /// How long a lease holds without a heartbeat. Heartbeats come three times as often.
    pub lease: Duration,
    /// Longest time without a look at the queue.
    pub poll: Duration,
    /// Time from the request to stop until the last unfinished job is handed back.
    pub drain: Duration,
    /// How long a handler may take to return after it was told to stop; then it is dropped.
    pub grace: Duration,
    /// The waits between attempts, where they are not to be those of each kind.
    pub retry: Option<RetryPolicy>,
    /// How long a run may take, where it is not to be as each kind has it.
    pub limits: Option<RunLimits>,
    /// Most jobs of a queue that run at once; a queue that is not named may fill all slots.
    pub queues: BTreeMap<QueueName, usize>,
}

impl EngineOptions {
    /// The usual behaviour under a given name.
    #[must_use]
    pub fn named(owner: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            slots: 4,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(5),
            drain: Duration::from_secs(30),
            grace: Duration::from_secs(1),
            retry: None,
            limits: None,
            queues: BTreeMap::new(),
        }
    }

    /// How often leases are extended.
    pub(crate) fn beat(&self) -> Duration {
        self.lease / 3
    }

    /// How often requests to cancel are looked for while jobs run, in case their signal was lost. With `grace` it stays below two
    /// seconds.
    pub(crate) fn check(&self) -> Duration {
        self.beat().min(Duration::from_millis(750))
    }
}
