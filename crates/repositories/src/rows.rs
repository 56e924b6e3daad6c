//! Many rows in one parameter.
//!
//! A statement with a parameter for every value of every row is read and planned anew for each number of rows, and takes longer to plan than
//! to carry out. Here the rows travel as one JSON text that the database takes apart: one statement whatever their number, prepared once.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{DbBackend, Statement, Value};
use serde_json::Value as Json;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Json,
    Moment,
}

/// The columns of the rows, in order.
pub(crate) type Columns = &'static [(&'static str, Kind)];

/// A moment as a row holds it: the same text that the driver writes, since on SQLite moments are compared as text.
pub(crate) fn moment(at: DateTime<Utc>) -> Json {
    Json::String(at.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

/// A moment that may be absent.
pub(crate) fn maybe(at: Option<DateTime<Utc>>) -> Json {
    at.map_or(Json::Null, moment)
}

/// The rows as a table with these columns, out of the parameter `$1`.
pub(crate) fn table(backend: DbBackend, columns: Columns) -> String {
    match backend {
        DbBackend::Postgres => {
            let typed = columns.iter().map(|(name, kind)| format!("{name} {}", postgres(*kind))).collect::<Vec<_>>().join(", ");
            format!("jsonb_to_recordset($1::jsonb) AS e({typed})")
        }
        _ => {
            let taken = columns.iter().map(|(name, kind)| sqlite(name, *kind)).collect::<Vec<_>>().join(", ");
            format!("(SELECT {taken} FROM json_each($1) ORDER BY key) AS e")
        }
    }
}

const fn postgres(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "bigint",
        Kind::Text => "text",
        Kind::Json => "jsonb",
        Kind::Moment => "timestamptz",
    }
}

/// `->` keeps JSON as JSON, whatever it is; `->>` takes a value out of it.
fn sqlite(name: &str, kind: Kind) -> String {
    match kind {
        Kind::Json => format!("NULLIF(value -> '$.{name}', 'null') AS {name}"),
        Kind::Integer | Kind::Text | Kind::Moment => format!("value ->> '$.{name}' AS {name}"),
    }
}

/// An insert of the rows into a table of the same columns.
pub(crate) fn insert(backend: DbBackend, into: &str, (columns, rows): (Columns, &[Json]), returning: &str) -> Statement {
    let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO {into} ({names}) SELECT {names} FROM {} {returning}", table(backend, columns));
    Statement::from_sql_and_values(backend, sql, [parameter(rows)])
}

/// The rows as the parameter.
pub(crate) fn parameter(rows: &[Json]) -> Value {
    Json::Array(rows.to_vec()).to_string().into()
}
