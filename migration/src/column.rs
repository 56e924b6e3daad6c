//! Columns that read the same in every migration, and the few statements the two databases need in different words.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// 64-bit key made by the database. On SQLite it is the row id, never reused (`AUTOINCREMENT`).
pub(crate) fn key(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().take()
}

/// A reference to another table's key.
pub(crate) fn reference(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A reference that may be absent.
pub(crate) fn optional_reference(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

/// Text without a length of its own: the domain bounds it.
pub(crate) fn text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text that may be absent.
pub(crate) fn optional_text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

/// A moment in UTC.
pub(crate) fn moment(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// A moment that may be absent.
pub(crate) fn optional_moment(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().null().take()
}

/// A 32-bit number.
pub(crate) fn number(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

/// A 32-bit number that may be absent.
pub(crate) fn optional_number(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}

/// A flag.
pub(crate) fn flag(name: impl IntoIden, default: bool) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().default(default).take()
}

/// An enum stored as its API text; the CHECK keeps every other text out.
pub(crate) fn choice(name: &'static str, allowed: &[&str]) -> ColumnDef {
    ColumnDef::new(name).text().not_null().check(Expr::col(name).is_in(allowed.iter().copied())).take()
}

/// An enum that may be absent.
pub(crate) fn optional_choice(name: &'static str, allowed: &[&str]) -> ColumnDef {
    ColumnDef::new(name).text().null().check(Expr::col(name).is_in(allowed.iter().copied())).take()
}

/// A foreign key to `table.id` with its action on delete. Its name is `fk_<from>_<column>`.
pub(crate) fn belongs_to(
    from: &'static str,
    column: &'static str,
    table: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{from}_{column}")).from(from, column).to(table, "id").on_delete(on_delete).take()
}

/// An index over columns in order, named `idx_<table>_<columns>`.
pub(crate) async fn index(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("idx_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.take()).await
}

/// A unique index over columns, named `uq_<table>_<columns>`.
pub(crate) async fn unique(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("uq_{table}_{}", columns.join("_"))).table(table).unique();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.take()).await
}

/// Runs a statement written for one database: the first text on SQLite, the second on PostgreSQL.
pub(crate) async fn by_backend(manager: &SchemaManager<'_>, sqlite: &str, postgres: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => sqlite,
        _ => postgres,
    };
    db.execute_unprepared(sql).await.map(|_| ())
}
