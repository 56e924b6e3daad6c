//! A worker as the product has it (engine and relay), with a handler that does what a measurement asks. Ends with its standard input.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::Store;
use commandcenter_domain::event::SignalBus;
use commandcenter_domain::job::{JobFailure, JobHandler, JobKind, JobRun, once};
use commandcenter_domain::shared::{Clock, SystemClock};
use commandcenter_events::{EventFanout, LocalBus, PostgresBus, Relay};
use commandcenter_jobs::{Engine, EngineOptions, EngineParts, Registry};
use commandcenter_repositories::{DatabaseUrl, PoolOptions, Purpose, SeaStore, connect};
use sea_orm::{DatabaseConnection, DbBackend};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::sink::Sink;

/// Does next to nothing, or makes an effect outside.
struct Handler(Option<Sink>);

#[async_trait]
impl JobHandler for Handler {
    fn kind(&self) -> JobKind {
        JobKind::RepositorySync
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let waited = SystemClock.now().timestamp_micros() - parameters["at"].as_i64().unwrap_or(0);
        if let Some(sink) = &self.0 {
            // Long enough for a death before, in and after the act.
            sleep(Duration::from_millis(25)).await;
            once(run, "count", sink).await?;
            sleep(Duration::from_millis(25)).await;
        }
        Ok(json!({ "waited_us": waited }))
    }
}

/// A store over a pool as a worker has it.
pub(crate) async fn store(url: &str) -> Arc<SeaStore> {
    let pool = PoolOptions { size: 4, purpose: Purpose::Engine, ..PoolOptions::default() };
    Arc::new(SeaStore::new(connect(&DatabaseUrl::parse(url).unwrap(), &pool).await.unwrap()))
}

/// The bus that fits the database.
pub(crate) fn bus(db: &DatabaseConnection) -> Arc<dyn SignalBus> {
    match db.get_database_backend() {
        DbBackend::Postgres => Arc::new(PostgresBus::start(db.get_postgres_connection_pool())),
        _ => Arc::new(LocalBus::new()),
    }
}

/// Engine and relay until `stop`, with the usual handler.
pub(crate) async fn work(store: Arc<SeaStore>, signals: Arc<dyn SignalBus>, (slots, sink): (usize, Option<Sink>), stop: CancellationToken) {
    work_with(Arc::new(Handler(sink)), store, (signals, slots), stop).await;
}

/// Engine and relay until `stop`.
pub(crate) async fn work_with(
    handler: Arc<dyn JobHandler>,
    store: Arc<SeaStore>,
    (signals, slots): (Arc<dyn SignalBus>, usize),
    stop: CancellationToken,
) {
    let store: Arc<dyn Store> = store;
    let parts = EngineParts {
        store: store.clone(),
        effects: store.clone(),
        clock: Arc::new(SystemClock),
        signals: signals.clone(),
        handlers: Registry::new().with(handler),
        chance: Arc::new(|| 0.5),
    };
    let options =
        EngineOptions { slots, lease: Duration::from_secs(5), poll: Duration::from_secs(1), ..EngineOptions::named(Uuid::new_v4()) };
    let relay = Relay::new(store, Arc::new(SystemClock), signals, Arc::new(EventFanout::new()));
    tokio::join!(Engine::new(parts, options).run(stop.clone()), relay.run(stop));
}

/// Cancelled when the standard input ends: whoever started this process is gone or wants it to go.
pub(crate) fn end_of_input() -> CancellationToken {
    let stop = CancellationToken::new();
    let ended = stop.clone();
    std::thread::spawn(move || {
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        ended.cancel();
    });
    stop
}

/// The process, with the usual handler.
pub(crate) async fn run(url: &str, slots: usize, sink: Option<&str>) {
    run_with(Arc::new(Handler(sink.map(Sink::at))), url, slots).await;
}

/// The process.
pub(crate) async fn run_with(handler: Arc<dyn JobHandler>, url: &str, slots: usize) {
    let store = store(url).await;
    let signals = bus(store.connection());
    let stop = end_of_input();
    println!("ready");
    work_with(handler, store, (signals, slots), stop).await;
}
