//! The unit of work: repositories on the pool and on a transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::{Repos, Store, StoreError, Tx};
use sea_orm::{DatabaseConnection, DbBackend};

use crate::error::sort;
use crate::pool::{Pool, Transaction};

/// Repositories over a connection: the pool, or one transaction.
#[derive(Debug)]
pub(crate) struct On<C>(pub(crate) C, pub(crate) Outgoing);

/// Whether events were published through a connection, and who is to be told once they are committed.
#[derive(Default)]
pub(crate) struct Outgoing {
    is_published: AtomicBool,
    signals: Arc<OnceLock<Arc<dyn SignalBus>>>,
}

impl Outgoing {
    /// Notes that an event was published.
    pub(crate) fn published(&self) {
        self.is_published.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outgoing")
    }
}

/// The store on SeaORM.
#[derive(Debug)]
pub struct SeaStore {
    pool: On<Pool>,
}

impl SeaStore {
    /// A store over an open pool.
    #[must_use]
    pub fn new(db: DatabaseConnection) -> Self {
        Self { pool: On(Pool::new(db), Outgoing::default()) }
    }

    /// From now on, a commit of events says so on this bus: no use case can forget it. The first bus stays.
    pub fn announce_on(&self, signals: Arc<dyn SignalBus>) {
        drop(self.pool.1.signals.set(signals));
    }

    /// The pool, for migrations and statistics.
    #[must_use]
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.pool.0.db
    }

    /// The repositories on the pool.
    pub(crate) const fn pool(&self) -> &On<Pool> {
        &self.pool
    }

    /// A transaction.
    pub(crate) async fn unit(&self) -> Result<On<Transaction>, StoreError> {
        let tx = self.pool.0.begin().await?;
        Ok(On(tx, Outgoing { signals: self.pool.1.signals.clone(), ..Outgoing::default() }))
    }

    /// The pool's connections now.
    #[must_use]
    pub fn pool_figures(&self) -> PoolFigures {
        let db = self.connection();
        let (open, idle, most) = match db.get_database_backend() {
            DbBackend::Postgres => {
                let pool = db.get_postgres_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
            _ => {
                let pool = db.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        };
        PoolFigures { open, idle: u32::try_from(idle).unwrap_or(u32::MAX), most }
    }
}

/// Connections of the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    /// Open now.
    pub open: u32,
    /// Open and unused.
    pub idle: u32,
    /// Most that may be open.
    pub most: u32,
}

#[async_trait]
impl Store for SeaStore {
    fn repos(&self) -> &dyn Repos {
        &self.pool
    }

    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(self.unit().await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.pool.0.db.ping().await.map_err(sort)
    }
}

#[async_trait]
impl Tx for On<Transaction> {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self(tx, outgoing) = *self;
        tx.commit().await?;
        if let Some(signals) = outgoing.signals.get().filter(|_| outgoing.is_published.into_inner()) {
            signals.send(Signal::EventsReady).await;
        }
        Ok(())
    }
}
