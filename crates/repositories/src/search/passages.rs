//! Passages with what a hit shows of them, and the documents a search is narrowed to.

use std::collections::HashSet;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Narrowing, PassageRecord};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value};

use super::by_words::narrow;
use crate::error::sort;
use crate::repo::knowledge::{headings, span};

/// Loads passages in one statement.
pub(super) async fn load(db: &DatabaseConnection, scope: &ProjectScope, ids: &[ChunkId]) -> Result<Vec<PassageRecord>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![scope.project().get().into()];
    values.extend(ids.iter().map(|id| Value::from(id.get())));
    let places = (2..=values.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT c.id, c.document_id, d.title, d.category, d.origin, d.filename, d.source_path, d.source_url, c.content, c.heading_path, c.span_start, c.span_end \
         FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id WHERE c.project_id = $1 AND c.id IN ({places})"
    );
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
    rows.iter().map(record).collect()
}

fn record(row: &QueryResult) -> Result<PassageRecord, StoreError> {
    let id = |name: &str| row.try_get::<i64>("", name).map_err(sort);
    let text = |name: &str| row.try_get::<String>("", name).map_err(sort);
    let optional = |name: &str| row.try_get::<Option<String>>("", name).map_err(sort);
    Ok(PassageRecord {
        chunk: ChunkId::new(id("id")?),
        document: DocumentId::new(id("document_id")?),
        title: text("title")?,
        category: text("category")?,
        source: optional("source_path")?.map_or_else(|| text("filename"), Ok)?,
        url: optional("source_url")?,
        content: text("content")?,
        heading_path: headings(&text("heading_path")?)?,
        span: span(id("span_start")?, id("span_end")?)?,
    })
}

/// The documents a narrowed search may answer from; `None` for all.
pub(super) async fn allowed_documents(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    narrowing: &Narrowing,
) -> Result<Option<HashSet<i64>>, StoreError> {
    if narrowing.is_open() {
        return Ok(None);
    }
    let mut values: Vec<Value> = vec![scope.project().get().into()];
    let mut conditions = String::new();
    narrow(&mut conditions, &mut values, narrowing);
    let sql = format!("SELECT d.id FROM knowledge_documents d WHERE d.project_id = $1{conditions}");
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(sort)).collect::<Result<HashSet<i64>, _>>().map(Some)
}
