//! Database errors, sorted into what services can act on.

use commandcenter_domain::StoreError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Sorts a driver error.
pub(crate) fn sort(err: DbErr) -> StoreError {
    match err.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(text)) => return StoreError::Duplicate(text),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => return StoreError::Reference,
        Some(_) | None => {}
    }
    match code(&err).as_deref() {
        // SQLITE_FULL and SQLITE_IOERR_WRITE; PostgreSQL's disk_full.
        Some("13" | "778" | "53100") => StoreError::Full(err.into()),
        _ if is_away(&err) => StoreError::Unavailable(err.into()),
        _ => StoreError::Broken(err.into()),
    }
}

/// Whether the database is away, starting or overrun: asked later, it may answer.
#[must_use]
pub fn is_away(err: &DbErr) -> bool {
    match code(err).as_deref() {
        Some(code) => AWAY.contains(&code),
        None => is_connection(err),
    }
}

/// `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_CANTOPEN`; PostgreSQL's shutdown, start-up, too many connections, statement timeout, lost connection.
const AWAY: [&str; 10] = ["5", "6", "14", "57P01", "57P02", "57P03", "53300", "57014", "08006", "08001"];

/// A row that the domain refuses: written by something else than this code, or damaged.
pub(crate) fn broken(err: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Broken(err.into())
}

fn runtime(err: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match err {
        DbErr::Conn(RuntimeErr::SqlxError(e)) | DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

fn code(err: &DbErr) -> Option<String> {
    let database = runtime(err)?.as_database_error()?;
    database.code().map(std::borrow::Cow::into_owned)
}

fn is_connection(err: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Sqlx;
    let by_driver = runtime(err)
        .is_some_and(|e| matches!(e, Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed | Sqlx::Protocol(_)));
    by_driver || matches!(err, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
}
