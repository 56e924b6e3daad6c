//! The schema's version: which migrations a database has, which this program knows, and the steps between.

use std::time::Duration;

use commandcenter_migration::Migrator;
use commandcenter_repositories::is_away;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait;

/// Time between two looks whether the database is back.
const PAUSE: Duration = Duration::from_millis(500);

/// Where a database stands against this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Migrations this program knows and the database has, in order.
    pub applied: Vec<String>,
    /// Migrations this program knows and the database lacks, in order.
    pub pending: Vec<String>,
    /// Migrations the database has and this program does not know: made by a newer version.
    pub unknown: Vec<String>,
}

/// Why the schema cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The database is older than this program.
    #[error("the database lacks {} migration(s), first `{}`: run `commandcenter migrate up`", .0.len(), .0.first().map_or("", String::as_str))]
    Pending(Vec<String>),
    /// The database is newer than this program.
    #[error("the database has migration(s) this version does not know: {}: run the version that made them, or a newer one", .0.join(", "))]
    Unknown(Vec<String>),
    /// The database did not do as asked.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
}

/// Compares the database with this program.
///
/// # Errors
/// [`SchemaError::Database`] when it cannot be read.
pub async fn status(db: &DatabaseConnection) -> Result<SchemaStatus, SchemaError> {
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let present = present(db).await?;
    let (applied, pending) = known.iter().cloned().partition(|name| present.contains(name));
    let unknown = present.into_iter().filter(|name| !known.contains(name)).collect();
    Ok(SchemaStatus { applied, pending, unknown })
}

/// Refuses any schema but the one this program knows.
///
/// # Errors
/// Which migrations are missing or unknown.
pub async fn require_current(db: &DatabaseConnection) -> Result<(), SchemaError> {
    let SchemaStatus { pending, unknown, .. } = status(db).await?;
    match (unknown.is_empty(), pending.is_empty()) {
        (false, _) => Err(SchemaError::Unknown(unknown)),
        (true, false) => Err(SchemaError::Pending(pending)),
        (true, true) => Ok(()),
    }
}

/// The first answer of `ask` that is not "the database is away". A process that starts while its server is down thus waits for it.
///
/// # Errors
/// Whatever else `ask` fails with.
pub(crate) async fn when_reachable<T>(ask: impl AsyncFn() -> Result<T, SchemaError>) -> Result<T, SchemaError> {
    let mut told = false;
    loop {
        match ask().await {
            Err(SchemaError::Database(err)) if is_away(&err) => {
                if !told {
                    tracing::warn!(%err, "the database is away; waiting for it");
                    told = true;
                }
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// Applies what is pending (`steps` of it, or all).
///
/// # Errors
/// [`SchemaError::Unknown`] on a database of a newer version; the database's own error otherwise.
pub async fn up(db: &DatabaseConnection, steps: Option<u32>) -> Result<(), SchemaError> {
    let SchemaStatus { unknown, .. } = status(db).await?;
    if !unknown.is_empty() {
        return Err(SchemaError::Unknown(unknown));
    }
    Ok(Migrator::up(db, steps).await?)
}

/// Takes back the last `steps` migrations, or all.
///
/// # Errors
/// The database's own.
pub async fn down(db: &DatabaseConnection, steps: Option<u32>) -> Result<(), SchemaError> {
    Ok(Migrator::down(db, steps).await?)
}

/// Takes back every migration and applies them anew. All data is lost.
///
/// # Errors
/// The database's own.
pub async fn fresh(db: &DatabaseConnection) -> Result<(), SchemaError> {
    Migrator::down(db, None).await?;
    Ok(Migrator::up(db, None).await?)
}

async fn present(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let exists = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        _ => "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'seaql_migrations'",
    };
    if db.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = db.query_all_raw(Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version")).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}
