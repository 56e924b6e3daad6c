//! The knowledge base in numbers.

use std::collections::BTreeMap;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{CategoryCount, Collection, DocumentOrigin, EmbeddingModel, KnowledgeStatistics};
use commandcenter_domain::shared::RepositoryId;
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::error::{broken, sort};

/// Reads rows of a statement whose only parameter is the project.
async fn rows(db: &impl ConnectionTrait, scope: &ProjectScope, sql: &str) -> Result<Vec<QueryResult>, StoreError> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [scope.project().get().into()]);
    db.query_all_raw(statement).await.map_err(sort)
}

fn count(row: &QueryResult, at: usize) -> Result<u64, StoreError> {
    u64::try_from(row.try_get_by_index::<i64>(at).map_err(sort)?).map_err(broken)
}

fn text<T: sea_orm::TryGetable>(row: &QueryResult, at: usize) -> Result<T, StoreError> {
    row.try_get_by_index(at).map_err(sort)
}

async fn grouped(db: &impl ConnectionTrait, scope: &ProjectScope, sql: &str) -> Result<BTreeMap<String, u64>, StoreError> {
    rows(db, scope, sql).await?.iter().map(|row| Ok((text(row, 0)?, count(row, 1)?))).collect()
}

pub(super) async fn statistics(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    model: &EmbeddingModel,
) -> Result<KnowledgeStatistics, StoreError> {
    let by_category =
        grouped(db, scope, "SELECT category, count(*) FROM knowledge_documents WHERE project_id = $1 GROUP BY category").await?;
    let by_status = grouped(db, scope, "SELECT status, count(*) FROM knowledge_documents WHERE project_id = $1 GROUP BY status").await?;
    let sql = "SELECT (SELECT count(*) FROM knowledge_chunks WHERE project_id = $1), (SELECT count(*) FROM knowledge_vectors WHERE project_id = $1 AND model = $2)";
    let values = [scope.project().get().into(), model.name.as_ref().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let totals = db.query_all_raw(statement).await.map_err(sort)?;
    let total = |at: usize| totals.first().map_or(Ok(0), |row| count(row, at));
    Ok(KnowledgeStatistics { documents: by_status.values().sum(), chunks: total(0)?, embedded_chunks: total(1)?, by_category, by_status })
}

pub(super) async fn categories(db: &impl ConnectionTrait, scope: &ProjectScope) -> Result<Vec<CategoryCount>, StoreError> {
    let counts = grouped(db, scope, "SELECT category, count(*) FROM knowledge_documents WHERE project_id = $1 GROUP BY category").await?;
    Ok(counts.into_iter().map(|(category, documents)| CategoryCount { category, documents }).collect())
}

pub(super) async fn collections(db: &impl ConnectionTrait, scope: &ProjectScope) -> Result<Vec<Collection>, StoreError> {
    let sql = "SELECT d.origin, d.repository_id, CASE d.origin WHEN 'source' THEN 'sources' WHEN 'url' THEN 'pages' ELSE coalesce(max(r.full_name), 'uploads') END, count(*), CAST(sum(d.chunk_count) AS BIGINT) \
               FROM knowledge_documents d LEFT JOIN repositories r ON r.id = d.repository_id AND r.project_id = d.project_id \
               WHERE d.project_id = $1 GROUP BY d.origin, d.repository_id ORDER BY d.origin DESC, 3, d.repository_id";
    let collection = |row: &QueryResult| {
        let origin: String = text(row, 0)?;
        Ok(Collection {
            origin: DocumentOrigin::parse(&origin).ok_or_else(|| broken(format!("origin {origin}")))?,
            repository: text::<Option<i64>>(row, 1)?.map(RepositoryId::new),
            name: text(row, 2)?,
            documents: count(row, 3)?,
            chunks: count(row, 4)?,
        })
    };
    rows(db, scope, sql).await?.iter().map(collection).collect()
}
