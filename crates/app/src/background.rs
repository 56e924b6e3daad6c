//! Background work: the signals between the parts, the job engine, the scheduler, the relay of events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_auth::MasterKey;
use commandcenter_config::{Config, Queues};
use commandcenter_domain::Store;
use commandcenter_domain::event::SignalBus;
use commandcenter_domain::health::HealthProbe;
use commandcenter_domain::job::QueueName;
use commandcenter_domain::knowledge::SharedMemory;
use commandcenter_domain::shared::SystemClock;
use commandcenter_events::{EventFanout, LocalBus, PostgresBus, RedisBus, RedisMemory, Relay};
use commandcenter_jobs::{Engine, EngineOptions, EngineParts, Scheduler, SchedulerParts};
use sea_orm::{DatabaseConnection, DbBackend};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::build::App;
use crate::start::StartError;

/// Longest time without a look at the queue. Within one process no signal is lost; between processes one may be.
const POLL_ALONE: Duration = Duration::from_secs(30);
const POLL_AMONG_OTHERS: Duration = Duration::from_secs(5);

/// What carries signals, and what tells of its health if it can be away on its own.
#[derive(Clone)]
pub(crate) struct Signals {
    pub(crate) bus: Arc<dyn SignalBus>,
    pub(crate) probe: Option<Arc<dyn HealthProbe>>,
    /// What processes remember together.
    pub(crate) memory: Option<Arc<dyn SharedMemory>>,
}

impl Signals {
    /// Through Redis where it is configured. Otherwise the bus that fits the database: processes that share a PostgreSQL database hear
    /// each other.
    pub(crate) fn start(config: &Config, db: &DatabaseConnection) -> Result<Self, StartError> {
        if let Some(url) = &config.redis.url {
            // Several installations may share a server: each has a channel of its own.
            let channel = format!("commandcenter:signals:{}", MasterKey::new(config.secret_key()?.expose()).name_of("signals"));
            let bus = Arc::new(RedisBus::start(url.expose(), &channel).map_err(|err| StartError::Part(err.to_string()))?);
            // By database too: a copy of one has the same revisions.
            let name = MasterKey::new(config.secret_key()?.expose()).name_of(&format!("memory of {}", config.database.url.expose()));
            let memory = RedisMemory::start(url.expose(), &format!("commandcenter:memory:{name}"));
            let memory = Arc::new(memory.map_err(|err| StartError::Part(err.to_string()))?);
            return Ok(Self { bus: bus.clone(), probe: Some(bus), memory: Some(memory) });
        }
        let bus: Arc<dyn SignalBus> = match db.get_database_backend() {
            DbBackend::Postgres => Arc::new(PostgresBus::start(db.get_postgres_connection_pool())),
            _ => Arc::new(LocalBus::new()),
        };
        Ok(Self { bus, probe: None, memory: None })
    }
}

impl App {
    /// Runs jobs, fires schedules and relays events until `shutdown`; jobs that have not ended by the end of the drain are handed back.
    pub(crate) async fn work(&self, poll: Duration, shutdown: CancellationToken) {
        let store: Arc<dyn Store> = self.background.clone();
        let parts = EngineParts {
            store: store.clone(),
            effects: self.store.clone(),
            clock: Arc::new(SystemClock),
            signals: self.signals.clone(),
            handlers: self.handlers.clone(),
            chance: Arc::new(rand::random::<f64>),
        };
        let scheduler = self.scheduler(poll);
        let relay = Relay::new(store, Arc::new(SystemClock), self.signals.clone(), Arc::new(EventFanout::new()));
        let engine = Engine::new(parts, self.engine_options(poll));
        tokio::join!(engine.run(shutdown.clone()), scheduler.run(shutdown.clone()), relay.run(shutdown));
    }

    fn scheduler(&self, poll: Duration) -> Scheduler {
        let parts = SchedulerParts { store: self.store.clone(), clock: Arc::new(SystemClock), signals: self.signals.clone() };
        Scheduler::new(parts, poll)
    }

    /// Everything in one process, on SQLite and without Redis: nobody else sends signals.
    pub(crate) fn poll_alone(&self) -> Duration {
        match (self.database().get_database_backend(), &self.config.redis.url) {
            (DbBackend::Postgres, _) | (_, Some(_)) => POLL_AMONG_OTHERS,
            (_, None) => POLL_ALONE,
        }
    }

    /// A worker among others.
    pub(crate) const fn poll_among_others() -> Duration {
        POLL_AMONG_OTHERS
    }

    fn engine_options(&self, poll: Duration) -> EngineOptions {
        let jobs = &self.config.jobs;
        EngineOptions {
            slots: usize::try_from(jobs.slots).unwrap_or(1),
            lease: jobs.lease,
            queues: rooms(&jobs.queues),
            poll,
            drain: self.config.server.drain,
            ..EngineOptions::named(format!("{}-{}", std::process::id(), Uuid::new_v4()))
        }
    }
}

/// How many jobs of each queue may run at once, where that is configured.
fn rooms(queues: &Queues) -> BTreeMap<QueueName, usize> {
    let Queues { default, sync, ingest, ai, export, webhooks } = *queues;
    let named = [
        (QueueName::Default, default),
        (QueueName::Sync, sync),
        (QueueName::Ingest, ingest),
        (QueueName::Ai, ai),
        (QueueName::Export, export),
        (QueueName::Webhooks, webhooks),
    ];
    named.into_iter().filter_map(|(queue, most)| Some((queue, usize::try_from(most?).ok()?))).collect()
}
