//! Every part, built once and shared.

use std::sync::Arc;

use commandcenter_config::Config;
use commandcenter_domain::event::SignalBus;
use commandcenter_events::EventFeed;
use commandcenter_http::AppState;
use commandcenter_jobs::Registry;
use commandcenter_repositories::{DatabaseUrl, PoolOptions, Purpose, SeaStore, connect};
use commandcenter_services::job::JobArchivist;
use commandcenter_telemetry::Metrics;

use crate::background::Signals;
use crate::metrics::MetricsPage;
use crate::ports::Ports;
use crate::start::StartError;

/// Connections of the engine and the relay: one claims, one settles, one relays, one keeps leases and progress.
const BEHIND: u32 = 4;

/// The built application: one pool, one HTTP client, one model, all services.
pub struct App {
    pub(crate) config: Config,
    pub(crate) store: Arc<SeaStore>,
    /// What the engine and the relay write through.
    pub(crate) background: Arc<SeaStore>,
    pub(crate) state: AppState,
    pub(crate) signals: Arc<dyn SignalBus>,
    pub(crate) feed: Arc<EventFeed>,
    pub(crate) handlers: Registry,
    pub(crate) archivist: JobArchivist,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// Opens the database and builds every part. Neither the schema is looked at nor a request served yet.
    ///
    /// # Errors
    /// What keeps the process from starting.
    pub async fn build(config: Config, metrics: Metrics) -> Result<Self, StartError> {
        let store = open(&config, None).await?;
        Self::over(store, config, metrics).await
    }

    /// The same, calling `count` for every SQL statement on the pool of requests; for tests.
    ///
    /// # Errors
    /// What keeps the process from starting.
    pub async fn build_counting(
        config: Config,
        metrics: Metrics,
        count: impl Fn(Ran<'_>) + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let store = open(&config, Some(Box::new(count))).await?;
        Self::over(store, config, metrics).await
    }

    async fn over(store: Arc<SeaStore>, config: Config, metrics: Metrics) -> Result<Self, StartError> {
        let background = behind(&config).await?;
        let signals = Signals::start(&config, store.connection())?;
        for store in [&store, &background] {
            store.announce_on(signals.bus.clone());
        }
        let ports = Ports::new(&config, store.clone(), signals.clone())?;
        let metrics = Arc::new(MetricsPage { metrics, store: store.clone() });
        let state = ports.state(&config, metrics);
        let (handlers, archivist) = (ports.handlers(), ports.archivist(&config));
        Ok(Self { config, store, background, state, signals: signals.bus, feed: ports.feed, handlers, archivist })
    }

    /// What carries signals between its parts.
    #[must_use]
    pub fn signals(&self) -> Arc<dyn SignalBus> {
        self.signals.clone()
    }

    /// The pool, for migrations and statistics.
    #[must_use]
    pub fn database(&self) -> &sea_orm::DatabaseConnection {
        self.store.connection()
    }
}

/// An SQL statement that was run on the pool of requests.
#[derive(Debug, Clone, Copy)]
pub enum Ran<'a> {
    /// For a request that waits for it.
    Request,
    /// For something that goes on behind requests: the statement.
    Behind(&'a str),
}

/// Is told of statements.
pub type Count = Box<dyn Fn(Ran<'_>) + Send + Sync>;

/// Opens the configured database, calling `count` for every statement if there is one.
///
/// # Errors
/// When it cannot be opened.
pub async fn open(config: &Config, count: Option<Count>) -> Result<Arc<SeaStore>, StartError> {
    std::fs::create_dir_all(&config.data_dir).map_err(|err| StartError::DataDir(config.data_dir.clone(), err))?;
    let url = DatabaseUrl::parse(config.database.url.expose())?;
    let mut db = connect(&url, &pool(config)).await?;
    if let Some(count) = count {
        db.set_metric_callback(move |ran| {
            count(if commandcenter_http::serves_a_request() { Ran::Request } else { Ran::Behind(&ran.statement.sql) });
        });
    }
    Ok(Arc::new(SeaStore::new(db)))
}

/// What the engine and the relay write through: a few connections of their own, set up for what they do ([`Purpose::Engine`]), so that they
/// neither wait for requests nor keep requests waiting.
async fn behind(config: &Config) -> Result<Arc<SeaStore>, StartError> {
    let url = DatabaseUrl::parse(config.database.url.expose())?;
    let own = pool(config);
    let pool = PoolOptions { size: own.size.min(BEHIND), purpose: Purpose::Engine, ..own };
    Ok(Arc::new(SeaStore::new(connect(&url, &pool).await?)))
}

fn pool(config: &Config) -> PoolOptions {
    let section = &config.database;
    PoolOptions {
        size: section.pool_size,
        acquire_timeout: section.acquire_timeout,
        idle_timeout: section.idle_timeout,
        max_lifetime: section.max_lifetime,
        statement_timeout: section.statement_timeout,
        test_before_acquire: section.test_before_acquire,
        purpose: Purpose::Requests,
    }
}
