//! The pool, and the line in which writers of a SQLite file wait.
//!
//! SQLite has one writer at a time. Left to itself, one that finds another at work looks again after sleeps that grow to a tenth of a
//! second, and whoever happens to look at the right moment goes first. Writers of one process wait in line instead: each begins the moment
//! the one before it is done. Between processes SQLite's own way remains.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{Mutex as Line, OwnedMutexGuard};
use tokio::time::timeout;

use crate::error::sort;

/// Longest wait in line.
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of this process, by file: pools on one file share one.
static LINES: LazyLock<Mutex<BTreeMap<PathBuf, Weak<Line<()>>>>> = LazyLock::new(Mutex::default);

/// A writer's turn, over when it is dropped; PostgreSQL knows none.
type Turn = Option<OwnedMutexGuard<()>>;

/// Connections to a database.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) db: DatabaseConnection,
    line: Option<Arc<Line<()>>>,
}

/// A transaction and its turn. **Invariant:** `tx` is dropped first.
#[derive(Debug)]
pub(crate) struct Transaction {
    tx: DatabaseTransaction,
    turn: Turn,
}

impl Pool {
    pub(crate) fn new(db: DatabaseConnection) -> Self {
        let line = (db.get_database_backend() == DbBackend::Sqlite).then(|| {
            let options = db.get_sqlite_connection_pool().connect_options();
            line_of(options.get_filename().to_owned())
        });
        Self { db, line }
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        // First the turn, then the connection: whoever waits in line keeps none from those who read.
        let turn = self.turn().await.map_err(sort)?;
        let tx = self.db.begin_with_options(options).await.map_err(sort)?;
        Ok(Transaction { tx, turn })
    }

    async fn turn(&self) -> Result<Turn, DbErr> {
        let Some(line) = &self.line else { return Ok(None) };
        let turn = timeout(PATIENCE, line.clone().lock_owned()).await;
        turn.map(Some).map_err(|tokio::time::error::Elapsed { .. }| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
    }

    async fn turn_for(&self, sql: &str) -> Result<Turn, DbErr> {
        if writes(sql) { self.turn().await } else { Ok(None) }
    }
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let Self { tx, turn } = self;
        let committed = tx.commit().await.map_err(sort);
        drop(turn);
        committed
    }
}

/// Whether a statement changes anything. One that only reads is not taken for one that writes unless it names such a word.
fn writes(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    !first.eq_ignore_ascii_case("SELECT")
        && (!first.eq_ignore_ascii_case("WITH") || ["UPDATE ", "INSERT ", "DELETE "].iter().any(|word| sql.contains(word)))
}

fn line_of(file: PathBuf) -> Arc<Line<()>> {
    // No code panics while it holds the lock.
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.retain(|_, line| line.strong_count() > 0);
    let known = lines.get(&file).and_then(Weak::upgrade);
    known.unwrap_or_else(|| {
        let line = Arc::new(Line::new(()));
        lines.insert(file, Arc::downgrade(&line));
        line
    })
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let _turn = self.turn_for(&statement.sql).await?;
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _turn = self.turn_for(sql).await?;
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let _turn = self.turn_for(&statement.sql).await?;
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _turn = self.turn_for(&statement.sql).await?;
        self.db.query_all_raw(statement).await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.tx.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.tx.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tx.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tx.query_all_raw(statement).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_told_from_what_reads() {
        for sql in ["INSERT INTO a", " update a", "DELETE FROM a", "WITH RECURSIVE x AS (SELECT 1) UPDATE jobs SET a = 1", "VACUUM"] {
            assert!(writes(sql), "{sql}");
        }
        for sql in ["SELECT updated_at FROM a", "select 1", "WITH x AS (SELECT updated_at FROM a) SELECT 1"] {
            assert!(!writes(sql), "{sql}");
        }
    }
}
