//! Vectors of passages.

use std::collections::BTreeMap;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{ChunkWrite, EmbeddingModel, Span};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, Statement};

use crate::entity::knowledge_vector::{ActiveModel, Column, Entity};
use crate::error::sort;

use super::row;
use super::write::{ROWS, bump};

/// Vectors as they are stored: f32, little endian.
fn decoded(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

pub(super) async fn by_text(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    model: &EmbeddingModel,
) -> Result<BTreeMap<String, Vec<f32>>, StoreError> {
    let sql = "SELECT c.text_hash, v.vector FROM knowledge_chunks c JOIN knowledge_vectors v ON v.chunk_id = c.id \
               WHERE c.project_id = $1 AND c.document_id = $2 AND v.model = $3 AND c.text_hash IS NOT NULL";
    let values = [scope.project().get().into(), id.get().into(), model.name.as_ref().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await.map_err(sort)?;
    let pair = |row: &sea_orm::QueryResult| {
        let bytes: Vec<u8> = row.try_get_by_index(1).map_err(sort)?;
        Ok((row.try_get_by_index(0).map_err(sort)?, decoded(&bytes)))
    };
    rows.iter().map(pair).collect()
}

pub(super) async fn stored(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    model: &EmbeddingModel,
) -> Result<Vec<ChunkWrite>, StoreError> {
    let sql = "SELECT c.content, c.heading_path, c.span_start, c.span_end, c.token_count, c.text_hash, v.vector FROM knowledge_chunks c \
               LEFT JOIN knowledge_vectors v ON v.chunk_id = c.id AND v.model = $3 \
               WHERE c.project_id = $1 AND c.document_id = $2 ORDER BY c.ordinal";
    let values = [scope.project().get().into(), id.get().into(), model.name.as_ref().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await.map_err(sort)?;
    rows.iter().map(stored_passage).collect()
}

fn stored_passage(row: &sea_orm::QueryResult) -> Result<ChunkWrite, StoreError> {
    let headings: String = row.try_get_by_index(1).map_err(sort)?;
    let place = |index| row.try_get_by_index::<i64>(index).map_err(sort).map(|at| u64::try_from(at).unwrap_or(0));
    let text_hash: Option<String> = row.try_get_by_index(5).map_err(sort)?;
    let vector: Option<Vec<u8>> = row.try_get_by_index(6).map_err(sort)?;
    Ok(ChunkWrite {
        content: row.try_get_by_index(0).map_err(sort)?,
        heading_path: row::headings(&headings)?,
        span: Span { start: place(2)?, end: place(3)? },
        token_count: row.try_get_by_index(4).map_err(sort)?,
        text_hash: text_hash.unwrap_or_default(),
        embedding: vector.map(|bytes| decoded(&bytes)),
    })
}

pub(super) async fn add(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    model: &EmbeddingModel,
    vectors: &[(ChunkId, Vec<f32>)],
) -> Result<(), StoreError> {
    if vectors.is_empty() {
        return Ok(());
    }
    write(db, scope, model, vectors).await?;
    bump(db, scope).await
}

pub(super) async fn write(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    model: &EmbeddingModel,
    vectors: &[(ChunkId, Vec<f32>)],
) -> Result<(), StoreError> {
    for part in vectors.chunks(ROWS) {
        let rows = part.iter().map(|(chunk, values)| ActiveModel {
            chunk_id: Set(chunk.get()),
            project_id: Set(scope.project().get()),
            model: Set(model.name.to_string()),
            vector: Set(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        });
        let replace = OnConflict::columns([Column::ChunkId, Column::Model]).update_column(Column::Vector).to_owned();
        Entity::insert_many(rows).on_conflict(replace).exec_without_returning(db).await.map_err(sort)?;
    }
    Ok(())
}
