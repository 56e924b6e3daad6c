//! The pool factory: the one place where a database is opened.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made when missing.
    Sqlite(String),
    /// A server.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads a `sqlite:` or `postgres:` URL.
    ///
    /// # Errors
    /// [`ConnectError::Scheme`] for any other.
    pub fn parse(url: &str) -> Result<Self, ConnectError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else if url.starts_with("sqlite:") {
            Ok(Self::Sqlite(url.to_owned()))
        } else {
            Err(ConnectError::Scheme)
        }
    }

    /// The database file of a data directory.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self::Sqlite(format!("sqlite://{}?mode=rwc", directory.join("commandcenter.db").display()))
    }

    /// The URL as the driver reads it. May hold a password.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sqlite(url) | Self::Postgres(url) => url,
        }
    }
}

/// Limits of the pool.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Most connections open at once.
    pub size: u32,
    /// How long a caller waits for a connection before the database counts as unavailable.
    pub acquire_timeout: Duration,
    /// How long an unused connection stays open.
    pub idle_timeout: Duration,
    /// How long any connection stays open.
    pub max_lifetime: Duration,
    /// How long PostgreSQL may work on one statement; SQLite waits this long for the write lock.
    pub statement_timeout: Duration,
    /// Whether a connection that idled for a while is pinged before it is handed out.
    pub test_before_acquire: bool,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a pool is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Whatever people ask for. A commit survives the loss of power.
    #[default]
    Requests,
    /// The engine and the relay: the same few statements again and again, and writes that come to the same when they are made again.
    ///
    /// On SQLite a commit survives the death of the process, but the last ones may go with the power. On PostgreSQL statements are planned
    /// once for all values: planning a claim anew takes longer than carrying it out.
    Engine,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 16,
            acquire_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_mins(10),
            max_lifetime: Duration::from_mins(30),
            statement_timeout: Duration::from_secs(30),
            test_before_acquire: true,
            purpose: Purpose::Requests,
        }
    }
}

/// Why no database was opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither `sqlite:` nor `postgres:`.
    #[error("the database URL must start with sqlite: or postgres:")]
    Scheme,
    /// The driver could not connect.
    #[error("cannot open the database")]
    Driver(#[source] DbErr),
}

/// Opens the pool. PostgreSQL is connected lazily, so that a process starts while its server is away and recovers by itself.
///
/// # Errors
/// [`ConnectError::Driver`] when the URL cannot be read or the SQLite file cannot be opened.
pub async fn connect(url: &DatabaseUrl, pool: &PoolOptions) -> Result<DatabaseConnection, ConnectError> {
    let mut options = ConnectOptions::new(url.as_str());
    options
        .max_connections(pool.size)
        .min_connections(0)
        .acquire_timeout(pool.acquire_timeout)
        .connect_timeout(pool.acquire_timeout)
        .idle_timeout(pool.idle_timeout)
        .max_lifetime(pool.max_lifetime)
        .sqlx_logging(false);
    let timeout = pool.statement_timeout;
    let purpose = pool.purpose;
    match url {
        DatabaseUrl::Sqlite(_) => {
            options.test_before_acquire(false);
            options.map_sqlx_sqlite_opts(move |options| {
                options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(match purpose {
                        Purpose::Requests => SqliteSynchronous::Full,
                        Purpose::Engine => SqliteSynchronous::Normal,
                    })
                    .foreign_keys(true)
                    .busy_timeout(timeout)
                    .pragma("temp_store", "memory")
                    .optimize_on_close(true, None)
            });
        }
        DatabaseUrl::Postgres(_) => {
            options.connect_lazy(true).statement_timeout(timeout);
            if purpose == Purpose::Engine {
                options.map_sqlx_postgres_opts(|options| options.options([("plan_cache_mode", "force_generic_plan")]));
            }
            if pool.test_before_acquire {
                options.test_before_acquire_if_idle_for(Duration::from_secs(5));
            } else {
                options.test_before_acquire(false);
            }
        }
    }
    Database::connect(options).await.map_err(ConnectError::Driver)
}
