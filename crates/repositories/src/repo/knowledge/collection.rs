//! Which model answers in a project, and vectors beside those that serve.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Chunk, Coverage, EmbeddingModel, EmbeddingRepo, EmbeddingSettings, Lacking, ModelChange};
use commandcenter_domain::shared::{ChunkId, JobId, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement, Value};

use crate::entity::knowledge_embedding::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};
use crate::store::On;

use super::{row, vector, write};

/// What a passage without a vector of the model looks like.
const LACKING: &str = "c.project_id = $1 AND NOT EXISTS (SELECT 1 FROM knowledge_vectors v WHERE v.chunk_id = c.id AND v.model = $2)";

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> EmbeddingRepo for On<C> {
    async fn settings(&self, scope: &ProjectScope) -> Result<EmbeddingSettings, StoreError> {
        let row = Entity::find_by_id(scope.project().get()).one(&self.0).await.map_err(sort)?;
        row.map_or_else(|| Ok(EmbeddingSettings::default()), settings)
    }

    async fn put(&self, scope: &ProjectScope, settings: &EmbeddingSettings, at: Timestamp) -> Result<bool, StoreError> {
        let row = ActiveModel {
            project_id: Set(scope.project().get()),
            serving: Set(serde_json::to_value(&settings.serving).map_err(broken)?),
            next: Set(settings.next.as_ref().map(|change| serde_json::to_value(&change.to)).transpose().map_err(broken)?),
            job_id: Set(settings.next.as_ref().map(|change| change.job.get())),
            version: Set(settings.version + 1),
            updated_at: Set(at),
        };
        if settings.version == 0 {
            let there = OnConflict::column(Column::ProjectId).do_nothing().to_owned();
            return Ok(Entity::insert(row).on_conflict(there).exec_without_returning(&self.0).await.map_err(sort)? > 0);
        }
        let own = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Version.eq(settings.version));
        Ok(own.set(row).exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn hold(&self, scope: &ProjectScope) -> Result<(), StoreError> {
        write::bump(&self.0, scope).await
    }

    async fn coverage(&self, scope: &ProjectScope, model: &EmbeddingModel) -> Result<Coverage, StoreError> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM knowledge_chunks WHERE project_id = $1), (SELECT count(*) FROM knowledge_chunks c WHERE {LACKING})"
        );
        let rows = all(&self.0, &sql, vec![scope.project().get().into(), name(model)]).await?;
        let count = |at: usize| -> Result<u64, StoreError> {
            let Some(row) = rows.first() else { return Ok(0) };
            u64::try_from(row.try_get_by_index::<i64>(at).map_err(sort)?).map_err(broken)
        };
        Ok(Coverage { passages: count(0)?, lacking: count(1)? })
    }

    async fn lacking(
        &self,
        scope: &ProjectScope,
        model: &EmbeddingModel,
        (after, limit): (ChunkId, u64),
    ) -> Result<Vec<Lacking>, StoreError> {
        // A title that is only the name or the path of a file tells the model nothing.
        let sql = format!(
            "SELECT c.id, c.ordinal, c.content, c.heading_path, c.span_start, c.span_end, c.token_count, \
               CASE WHEN d.title IN (d.filename, coalesce(d.source_path, '')) THEN '' ELSE d.title END \
             FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id \
             WHERE {LACKING} AND c.id > $3 ORDER BY c.id LIMIT $4"
        );
        let limit = i64::try_from(limit).map_err(broken)?;
        let values = vec![scope.project().get().into(), name(model), after.get().into(), limit.into()];
        all(&self.0, &sql, values).await?.iter().map(lacking).collect()
    }

    async fn lay(&self, scope: &ProjectScope, model: &EmbeddingModel, vectors: &[(ChunkId, Vec<f32>)]) -> Result<(), StoreError> {
        vector::write(&self.0, scope, model, vectors).await
    }

    async fn drop_others(&self, scope: &ProjectScope, keep: &[EmbeddingModel], limit: u64) -> Result<u64, StoreError> {
        let mut values: Vec<Value> = vec![scope.project().get().into(), i64::try_from(limit).map_err(broken)?.into()];
        values.extend(keep.iter().map(name));
        let places = (3..=values.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "DELETE FROM knowledge_vectors WHERE project_id = $1 AND (chunk_id, model) IN \
               (SELECT chunk_id, model FROM knowledge_vectors WHERE project_id = $1 AND model NOT IN ({places}) LIMIT $2)"
        );
        let statement = Statement::from_sql_and_values(self.0.get_database_backend(), sql, values);
        Ok(self.0.execute_raw(statement).await.map_err(sort)?.rows_affected())
    }
}

fn name(model: &EmbeddingModel) -> Value {
    model.name.as_ref().into()
}

async fn all(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)
}

fn lacking(row: &QueryResult) -> Result<Lacking, StoreError> {
    let number = |at: usize| row.try_get_by_index::<i64>(at).map_err(sort);
    let text = |at: usize| row.try_get_by_index::<String>(at).map_err(sort);
    let chunk = Chunk {
        id: ChunkId::new(number(0)?),
        ordinal: row.try_get_by_index(1).map_err(sort)?,
        content: text(2)?,
        heading_path: row::headings(&text(3)?)?,
        span: row::span(number(4)?, number(5)?)?,
        token_count: row.try_get_by_index(6).map_err(sort)?,
        is_embedded: false,
    };
    Ok(Lacking { chunk, title: text(7)? })
}

fn settings(row: Model) -> Result<EmbeddingSettings, StoreError> {
    let to = row.next.map(serde_json::from_value).transpose().map_err(broken)?;
    Ok(EmbeddingSettings {
        serving: serde_json::from_value(row.serving).map_err(broken)?,
        next: to.zip(row.job_id).map(|(to, job)| ModelChange { to, job: JobId::new(job) }),
        version: row.version,
        updated_at: Some(row.updated_at),
    })
}
