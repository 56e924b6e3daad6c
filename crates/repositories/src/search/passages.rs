//! Passages with what a hit shows of them, and those that hold a phrase.

use std::collections::HashSet;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{PassageRecord, plain_phrase};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value};

use super::word_load::all;
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

/// Passages looked through at once.
const PART: usize = 500;

/// Of these passages, those that hold every phrase.
pub(super) async fn holding(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    (candidates, phrases): (&[i64], &[String]),
) -> Result<HashSet<ChunkId>, StoreError> {
    let mut found = HashSet::new();
    for part in candidates.chunks(PART) {
        let mut values: Vec<Value> = vec![scope.project().get().into()];
        values.extend(part.iter().map(|id| Value::from(*id)));
        let places = (2..=values.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT id, content FROM knowledge_chunks WHERE project_id = $1 AND id IN ({places})");
        for row in all(db, &sql, values).await? {
            let (id, content): (i64, String) = (row.try_get_by_index(0).map_err(sort)?, row.try_get_by_index(1).map_err(sort)?);
            let plain = plain_phrase(&content);
            if phrases.iter().all(|phrase| plain.contains(phrase)) {
                found.insert(ChunkId::new(id));
            }
        }
    }
    Ok(found)
}

/// Every passage of the project, by id: for when their words are not in memory.
pub(super) async fn every(db: &DatabaseConnection, scope: &ProjectScope) -> Result<Vec<i64>, StoreError> {
    let rows = all(db, "SELECT id FROM knowledge_chunks WHERE project_id = $1 ORDER BY id", vec![scope.project().get().into()]).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(sort)).collect()
}
