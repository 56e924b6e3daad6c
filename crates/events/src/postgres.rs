//! Signals between processes that share a PostgreSQL database, by LISTEN and NOTIFY on the shared pool.

use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::envelope;
use crate::local::LocalBus;

const CHANNEL: &str = "commandcenter_signals";
/// Signals that may wait for the database. Beyond it they are dropped: subscribers elsewhere have their safety polls.
const QUEUE: usize = 4096;
/// Most signals sent by one statement.
const BATCH: usize = 256;
/// Wait before the next try while the database is away.
const AWAY: Duration = Duration::from_secs(1);

/// Signals between processes on one PostgreSQL database. Subscribers of the same process are told at once and without the database.
/// Its tasks end when it is dropped.
#[derive(Debug)]
pub struct PostgresBus {
    local: LocalBus,
    outgoing: Sender<Signal>,
    _tasks: DropGuard,
}

impl PostgresBus {
    /// Starts listening on the pool; while the database is away, signals reach this process only.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn start(pool: &PgPool) -> Self {
        let (local, node, stop) = (LocalBus::new(), Uuid::new_v4(), CancellationToken::new());
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let listening = listen(pool.clone(), local.clone(), node);
        tokio::spawn(stop.clone().run_until_cancelled_owned(listening));
        tokio::spawn(stop.clone().run_until_cancelled_owned(notify(pool.clone(), queue, node)));
        Self { local, outgoing, _tasks: stop.drop_guard() }
    }
}

#[async_trait]
impl SignalBus for PostgresBus {
    async fn send(&self, signal: Signal) {
        self.local.deliver(signal.clone());
        if self.outgoing.try_send(signal).is_err() {
            tracing::debug!("too many signals wait for the database: one was dropped");
        }
    }

    fn subscribe(&self) -> Box<dyn SignalStream> {
        self.local.subscribe()
    }
}

/// Sends what waits, each distinct signal once per batch. A batch that fails is dropped: it would be old news when the database is back.
async fn notify(pool: PgPool, mut queue: Receiver<Signal>, from: Uuid) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let payloads = envelope::seal(&mut batch, from);
        let sent = sqlx::query("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload")
            .bind(CHANNEL)
            .bind(&payloads)
            .execute(&pool)
            .await;
        if let Err(error) = sent {
            tracing::warn!(%error, "signals could not be sent to other processes");
            sleep(AWAY).await;
        }
    }
}

async fn listen(pool: PgPool, local: LocalBus, node: Uuid) {
    loop {
        if let Err(error) = listen_once(&pool, &local, node).await {
            tracing::warn!(%error, "signals of other processes cannot be heard");
        }
        sleep(AWAY).await;
    }
}

/// Listens until the database refuses. A connection that breaks is made anew by the driver; what was said meanwhile is lost, so
/// everybody is told to look again.
async fn listen_once(pool: &PgPool, local: &LocalBus, node: Uuid) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    local.deliver(Signal::Resync);
    loop {
        let Some(heard) = listener.try_recv().await? else {
            local.deliver(Signal::Resync);
            continue;
        };
        envelope::open(heard.payload().as_bytes(), node, local);
    }
}
