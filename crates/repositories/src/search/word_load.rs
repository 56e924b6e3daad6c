//! Brings the words of a project into memory, and up to date: what is new is read, what is gone is dropped.

use std::collections::HashSet;
use std::sync::Arc;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::Revision;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value};

use super::rows::{MARK, Tally};
use super::tables::{Slot, Tables};
use super::word_table::{Text, WordTable};
use crate::error::{broken, sort};

/// Passages read at once: memory holds no second copy of them all.
const PART: i64 = 2_000;
/// Most passages of a project whose words are kept in memory, some 350 bytes each. Larger projects are searched in the database.
pub(super) const MOST_PASSAGES: i64 = 1_000_000;
/// Bytes kept over all projects.
const MOST_BYTES: usize = 512 << 20;

/// The project's words, at least as they were at `revision`; `None` when they are too many.
pub(super) async fn current(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    (tables, revision): (&Tables<WordTable>, Revision),
) -> Result<Option<Arc<Slot<WordTable>>>, StoreError> {
    let project = scope.project().get();
    let slot = tables.slot(project);
    if slot.read().revision >= revision {
        return Ok(Some(slot));
    }
    let one = slot.refresh.lock().await;
    if slot.read().revision < revision {
        // Read first: what is loaded after it is at least as new.
        let (revision, rewritten) = standing(db, project).await?;
        if tally(db, project, i64::MAX).await?.passages > MOST_PASSAGES {
            return Ok(None);
        }
        settle(db, &slot, (project, rewritten)).await?;
        load_new(db, &slot, project).await?;
        slot.write().revision = revision;
        tables.trim(MOST_BYTES, WordTable::bytes);
    }
    drop(one);
    Ok(Some(slot))
}

/// The project's revision, and how often its passages changed in place.
pub(super) async fn standing(db: &DatabaseConnection, project: i64) -> Result<(Revision, i64), StoreError> {
    let sql = "SELECT revision, rewritten FROM knowledge_revisions WHERE project_id = $1";
    let row = one(db, sql, vec![project.into()]).await?;
    let Some(row) = row else { return Ok((Revision::default(), 0)) };
    Ok((Revision(row.try_get_by_index(0).map_err(sort)?), row.try_get_by_index(1).map_err(sort)?))
}

/// The passages of the project up to an id.
async fn tally(db: &DatabaseConnection, project: i64, upto: i64) -> Result<Tally, StoreError> {
    let sql =
        format!("SELECT count(*), CAST(coalesce(sum(id % {MARK}), 0) AS BIGINT) FROM knowledge_chunks WHERE project_id = $1 AND id <= $2");
    counted(one(db, &sql, vec![project.into(), upto.into()]).await?)
}

pub(super) fn counted(row: Option<QueryResult>) -> Result<Tally, StoreError> {
    let Some(row) = row else { return Ok(Tally::default()) };
    Ok(Tally { passages: row.try_get_by_index(0).map_err(sort)?, marks: row.try_get_by_index(1).map_err(sort)? })
}

/// Drops what is gone. The table is begun anew when passages changed in place, or when there are some among the known ones that are not
/// known: ids grow in the order of commits, so that only a restored database has such.
async fn settle(db: &DatabaseConnection, slot: &Slot<WordTable>, (project, rewritten): (i64, i64)) -> Result<(), StoreError> {
    let (known, last, is_usable) = {
        let table = slot.read();
        (table.rows.tally(), table.rows.last(), table.rewritten == rewritten && !table.rows.is_worn())
    };
    if is_usable && tally(db, project, last).await? == known {
        return Ok(());
    }
    let sql = "SELECT id FROM knowledge_chunks WHERE project_id = $1 AND id <= $2";
    let present = ids(&all(db, sql, vec![project.into(), last.into()]).await?)?;
    let mut table = slot.write();
    table.rows.retain(&present);
    if !is_usable || table.rows.alive() < present.len() {
        *table = WordTable::new(rewritten);
    }
    Ok(())
}

pub(super) fn ids(rows: &[QueryResult]) -> Result<HashSet<i64>, StoreError> {
    rows.iter().map(|row| row.try_get_by_index(0).map_err(sort)).collect()
}

/// A first load is taken over part by part: nobody reads the table yet. Later ones are taken over at once, so that nobody sees half a change.
async fn load_new(db: &DatabaseConnection, slot: &Arc<Slot<WordTable>>, project: i64) -> Result<(), StoreError> {
    let mut last = slot.read().rows.last();
    let is_first = last == 0;
    let mut waiting = Vec::new();
    loop {
        let sql = "SELECT id, document_id, title, heading_path, content FROM knowledge_chunks WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows = all(db, sql, vec![project.into(), last.into(), PART.into()]).await?;
        let read = rows.iter().map(passage).collect::<Result<Vec<_>, _>>()?;
        let is_last = rows.len() < usize::try_from(PART).unwrap_or(usize::MAX);
        last = read.last().map_or(last, |passage| passage.chunk);
        waiting.extend(read);
        if is_first || is_last {
            take_over(slot, std::mem::take(&mut waiting)).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Cutting texts into words keeps a processor busy: larger parts go where that does not hold up other requests.
async fn take_over(slot: &Arc<Slot<WordTable>>, passages: Vec<Passage>) -> Result<(), StoreError> {
    if passages.len() < 50 {
        index(slot, &passages);
        return Ok(());
    }
    let slot = Arc::clone(slot);
    tokio::task::spawn_blocking(move || index(&slot, &passages)).await.map_err(broken)
}

fn index(slot: &Slot<WordTable>, passages: &[Passage]) {
    let mut table = slot.write();
    for Passage { chunk, document, title, headings, content } in passages {
        table.add(&Text { chunk: *chunk, document: *document, title, parts: [headings, content] });
    }
}

/// A passage as it is read.
struct Passage {
    chunk: i64,
    document: i64,
    title: String,
    headings: String,
    content: String,
}

fn passage(row: &QueryResult) -> Result<Passage, StoreError> {
    let text = |at: usize| row.try_get_by_index::<String>(at).map_err(sort);
    Ok(Passage {
        chunk: row.try_get_by_index(0).map_err(sort)?,
        document: row.try_get_by_index(1).map_err(sort)?,
        title: text(2)?,
        headings: text(3)?,
        content: text(4)?,
    })
}

pub(super) async fn one(db: &DatabaseConnection, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>, StoreError> {
    db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)
}

pub(super) async fn all(db: &DatabaseConnection, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)
}
