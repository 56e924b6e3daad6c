//! Vectors in memory, one table per project and model, brought up to date when the project's revision has moved.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::EmbeddingModel;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::error::{broken, sort};

/// Vectors are loaded in parts of this many, so that memory holds no second copy of them all.
const PART: usize = 500;
/// Bytes of vectors kept over all projects; beyond it, the project longest unasked goes.
const MOST_BYTES: usize = 512 << 20;

/// The vectors of a project. Ids, documents and rows of `values` run in parallel.
#[derive(Debug, Clone, Default)]
pub(super) struct VectorTable {
    pub(super) revision: i64,
    pub(super) dimension: usize,
    pub(super) chunks: Vec<i64>,
    pub(super) documents: Vec<i64>,
    pub(super) values: Vec<f32>,
}

/// Tables by project, the one asked last at the end.
#[derive(Debug, Default)]
pub(super) struct VectorCache {
    tables: Mutex<Vec<(i64, Arc<VectorTable>)>>,
    /// One refresh at a time: a change would otherwise be loaded by every question that waits for it.
    refresh: tokio::sync::Mutex<()>,
}

impl VectorCache {
    /// The project's table as it is committed now. One statement when nothing changed.
    pub(super) async fn current(
        &self,
        db: &DatabaseConnection,
        scope: &ProjectScope,
        model: EmbeddingModel,
    ) -> Result<Arc<VectorTable>, StoreError> {
        let project = scope.project().get();
        // The revision is read first: what is loaded after it is at least as new.
        let revision = revision(db, project).await?;
        if let Some(table) = self.get(project).filter(|table| table.revision >= revision) {
            return Ok(table);
        }
        let _one = self.refresh.lock().await;
        let old = self.get(project);
        if let Some(table) = old.clone().filter(|table| table.revision >= revision) {
            return Ok(table);
        }
        let old = old.map(|table| (*table).clone()).unwrap_or_default();
        let table = Arc::new(refreshed(db, (project, revision), model, old).await?);
        self.put(project, Arc::clone(&table));
        Ok(table)
    }

    fn get(&self, project: i64) -> Option<Arc<VectorTable>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let at = tables.iter().position(|(id, _)| *id == project)?;
        let entry = tables.remove(at);
        let table = Arc::clone(&entry.1);
        tables.push(entry);
        Some(table)
    }

    fn put(&self, project: i64, table: Arc<VectorTable>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.retain(|(id, _)| *id != project);
        tables.push((project, table));
        let size = |tables: &[(i64, Arc<VectorTable>)]| tables.iter().map(|(_, table)| table.values.len() * 4).sum::<usize>();
        while tables.len() > 1 && size(&tables) > MOST_BYTES {
            tables.remove(0);
        }
    }
}

async fn revision(db: &DatabaseConnection, project: i64) -> Result<i64, StoreError> {
    let sql = "SELECT revision FROM knowledge_revisions WHERE project_id = $1";
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [project.into()])).await.map_err(sort)?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0).map_err(sort))
}

/// The old table without what is gone and with what is new: a passage's id is never used again, so that a vector once loaded stays right.
async fn refreshed(
    db: &DatabaseConnection,
    (project, revision): (i64, i64),
    model: EmbeddingModel,
    old: VectorTable,
) -> Result<VectorTable, StoreError> {
    let sql = "SELECT v.chunk_id, c.document_id FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id WHERE v.project_id = $1 AND v.model = $2";
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [project.into(), model.name.into()]))
        .await
        .map_err(sort)?;
    let pair = |row: &sea_orm::QueryResult| Ok((row.try_get_by_index(0).map_err(sort)?, row.try_get_by_index(1).map_err(sort)?));
    let present: HashMap<i64, i64> = rows.iter().map(pair).collect::<Result<_, StoreError>>()?;
    let mut table = VectorTable { revision, dimension: model.dimension, ..VectorTable::default() };
    for (at, chunk) in old.chunks.iter().enumerate() {
        if let Some(document) = present.get(chunk) {
            table.push(*chunk, *document, &old.values[at * old.dimension..(at + 1) * old.dimension]);
        }
    }
    let known: HashSet<i64> = table.chunks.iter().copied().collect();
    let mut missing: Vec<i64> = present.keys().copied().filter(|chunk| !known.contains(chunk)).collect();
    missing.sort_unstable();
    for part in missing.chunks(PART) {
        load(db, part, &present, &mut table).await?;
    }
    Ok(table)
}

async fn load(db: &DatabaseConnection, chunks: &[i64], documents: &HashMap<i64, i64>, table: &mut VectorTable) -> Result<(), StoreError> {
    let places = (1..=chunks.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT chunk_id, vector FROM knowledge_vectors WHERE chunk_id IN ({places}) ORDER BY chunk_id");
    let values = chunks.iter().map(|chunk| sea_orm::Value::from(*chunk));
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
    for row in rows {
        let chunk: i64 = row.try_get_by_index(0).map_err(sort)?;
        let bytes: Vec<u8> = row.try_get_by_index(1).map_err(sort)?;
        let (numbers, _) = bytes.as_chunks::<4>();
        let vector: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        if vector.len() != table.dimension {
            return Err(broken(format!("the vector of passage {chunk} has {} numbers", vector.len())));
        }
        table.push(chunk, documents.get(&chunk).copied().unwrap_or_default(), &vector);
    }
    Ok(())
}

impl VectorTable {
    fn push(&mut self, chunk: i64, document: i64, vector: &[f32]) {
        self.chunks.push(chunk);
        self.documents.push(document);
        self.values.extend_from_slice(vector);
    }
}
