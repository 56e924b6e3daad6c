//! Full-text indexes that the database keeps in step by itself: FTS5 with triggers on SQLite, a generated `tsvector` with GIN on
//! PostgreSQL. Both see words alike: runs of letters and digits, folded to lower case, no stemming.

use sea_orm_migration::prelude::*;

use crate::column::by_backend;

/// A table and its columns that are searched.
pub(crate) struct Searched {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// Adds the index of a table that is still empty.
pub(crate) async fn create(manager: &SchemaManager<'_>, searched: &Searched) -> Result<(), DbErr> {
    by_backend(manager, &sqlite(searched), &postgres(searched)).await
}

/// Removes what a drop of the table itself would leave.
pub(crate) async fn remove(manager: &SchemaManager<'_>, searched: &Searched) -> Result<(), DbErr> {
    by_backend(manager, &format!("DROP TABLE {}_fts", searched.table), "SELECT 1").await
}

fn sqlite(searched: &Searched) -> String {
    let Searched { table, columns } = searched;
    let names = columns.join(", ");
    let of = |row: &str| columns.iter().map(|column| format!("{row}.{column}")).collect::<Vec<_>>().join(", ");
    let (old, new) = (of("old"), of("new"));
    let forget = format!("INSERT INTO {table}_fts ({table}_fts, rowid, {names}) VALUES ('delete', old.id, {old});");
    let learn = format!("INSERT INTO {table}_fts (rowid, {names}) VALUES (new.id, {new});");
    format!(
        "CREATE VIRTUAL TABLE {table}_fts USING fts5({names}, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='2 3');
         CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN {learn} END;
         CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN {forget} END;
         CREATE TRIGGER {table}_fts_update AFTER UPDATE OF {names} ON {table} BEGIN {forget} {learn} END;"
    )
}

fn postgres(searched: &Searched) -> String {
    let Searched { table, columns } = searched;
    let text = columns.iter().map(|column| format!("coalesce({column}, '')")).collect::<Vec<_>>().join(" || ' ' || ");
    // PostgreSQL's parser would take `node.js` or `a/b` for one word: ASCII punctuation becomes space first, as FTS5 sees it.
    let marks = r##"'!"#$%&()*+,-./:;<=>?@[\]^_`{|}~'''"##;
    let blanks = " ".repeat(32);
    format!(
        "ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', translate({text}, {marks}, '{blanks}'))) STORED;
         CREATE INDEX idx_{table}_search ON {table} USING gin (search);"
    )
}
