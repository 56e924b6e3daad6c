//! Brings the vectors of a project into memory, and up to date.

use std::sync::Arc;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{EmbeddingModel, Revision};
use sea_orm::{DatabaseConnection, QueryResult};

use super::rows::{MARK, Tally};
use super::tables::{Slot, Tables};
use super::vector_table::VectorTable;
use super::word_load::{all, counted, ids, one, standing};
use crate::error::{broken, sort};

/// Vectors read at once: memory holds no second copy of them all.
const PART: i64 = 1_000;
/// Bytes of vectors kept over all projects; beyond it, the project longest unasked goes.
const MOST_BYTES: usize = 512 << 20;

/// Tables by project and model.
pub(super) type VectorTables = Tables<VectorTable, (i64, String)>;

/// The project's vectors, at least as they were at `revision`.
pub(super) async fn current(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    (tables, model, revision): (&VectorTables, &EmbeddingModel, Revision),
) -> Result<Arc<Slot<VectorTable>>, StoreError> {
    let project = scope.project().get();
    // A table for each model: what is asked of a model that gave way this moment is answered by its own vectors still.
    let slot = tables.slot((project, model.name.to_string()));
    let is_current = |slot: &Slot<VectorTable>| slot.read().revision >= revision;
    if is_current(&slot) {
        return Ok(slot);
    }
    let refresh = slot.refresh.lock().await;
    if !is_current(&slot) {
        // Read first: what is loaded after it is at least as new.
        let (revision, _) = standing(db, project).await?;
        settle(db, &slot, (project, model)).await?;
        load_new(db, &slot, (project, model)).await?;
        {
            let mut table = slot.write();
            table.settle();
            table.revision = revision;
        }
        tables.trim(MOST_BYTES, VectorTable::bytes);
    }
    drop(refresh);
    Ok(slot)
}

/// The passages of the project with a vector, up to an id.
async fn tally(db: &DatabaseConnection, (project, model): (i64, &EmbeddingModel), upto: i64) -> Result<Tally, StoreError> {
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(chunk_id % {MARK}), 0) AS BIGINT) FROM knowledge_vectors \
         WHERE project_id = $1 AND model = $2 AND chunk_id <= $3"
    );
    counted(one(db, &sql, vec![project.into(), model.name.as_ref().into(), upto.into()]).await?)
}

/// Drops what is gone. Passages that were stored without a vector may have got theirs since: then the table is begun anew.
async fn settle(db: &DatabaseConnection, slot: &Slot<VectorTable>, of: (i64, &EmbeddingModel)) -> Result<(), StoreError> {
    let model = of.1;
    let (known, last, is_usable) = {
        let table = slot.read();
        (table.rows.tally(), table.rows.last(), table.dimension == model.dimension && !table.rows.is_worn())
    };
    if is_usable && tally(db, of, last).await? == known {
        return Ok(());
    }
    let sql = "SELECT chunk_id FROM knowledge_vectors WHERE project_id = $1 AND model = $2 AND chunk_id <= $3";
    let present = ids(&all(db, sql, vec![of.0.into(), model.name.as_ref().into(), last.into()]).await?)?;
    let mut table = slot.write();
    table.rows.retain(&present);
    if !is_usable || table.rows.alive() < present.len() {
        *table = VectorTable::new(model.dimension);
    }
    Ok(())
}

/// A first load is taken over part by part: nobody reads the table yet. Later ones are taken over at once, so that nobody sees half a change.
async fn load_new(db: &DatabaseConnection, slot: &Slot<VectorTable>, (project, model): (i64, &EmbeddingModel)) -> Result<(), StoreError> {
    let mut last = slot.read().rows.last();
    let is_first = last == 0;
    let mut waiting = Vec::new();
    loop {
        let sql = "SELECT v.chunk_id, c.document_id, v.vector FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id \
                   WHERE v.project_id = $1 AND v.model = $2 AND v.chunk_id > $3 ORDER BY v.chunk_id LIMIT $4";
        let rows = all(db, sql, vec![project.into(), model.name.as_ref().into(), last.into(), PART.into()]).await?;
        let read = rows.iter().map(|row| stored(row, model)).collect::<Result<Vec<_>, _>>()?;
        let is_last = rows.len() < usize::try_from(PART).unwrap_or(usize::MAX);
        last = read.last().map_or(last, |(chunk, ..)| *chunk);
        waiting.extend(read);
        if is_first || is_last {
            let mut table = slot.write();
            for (chunk, document, vector) in waiting.drain(..) {
                table.add((chunk, document), &vector);
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

fn stored(row: &QueryResult, model: &EmbeddingModel) -> Result<(i64, i64, Vec<f32>), StoreError> {
    let chunk: i64 = row.try_get_by_index(0).map_err(sort)?;
    let document: i64 = row.try_get_by_index(1).map_err(sort)?;
    let bytes: Vec<u8> = row.try_get_by_index(2).map_err(sort)?;
    let (numbers, _) = bytes.as_chunks::<4>();
    let vector: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
    if vector.len() == model.dimension {
        return Ok((chunk, document, vector));
    }
    Err(broken(format!("the vector of passage {chunk} has {} numbers", vector.len())))
}
