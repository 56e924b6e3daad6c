//! Kept answers of language models.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{AnswerCache, Attribution, CacheFigures, KeptAnswer, Outcome, Target};
use commandcenter_domain::shared::{ApiKeyId, LlmAttemptId, Timestamp, UserId};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Statement};
use serde_json::json;

use crate::entity::llm_answer::{ActiveModel, Column, Entity};
use crate::entity::llm_attempt;
use crate::error::{broken, sort};
use crate::store::On;

/// Most answers that are kept of a project.
const MOST: u64 = 5_000;
/// Most bytes of an answer that is kept.
const LARGEST: usize = 256 << 10;

fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> AnswerCache for On<C> {
    async fn find(&self, scope: &ProjectScope, key: &str, (now, since): (Timestamp, Timestamp)) -> Result<Option<KeptAnswer>, StoreError> {
        let query = within(scope).filter(Column::Key.eq(key)).filter(Column::ExpiresAt.gt(now)).filter(Column::CreatedAt.gte(since));
        let row = query.one(&self.0).await.map_err(sort)?;
        row.map(|row| serde_json::from_value(row.answer).map_err(broken)).transpose()
    }

    async fn keep(
        &self,
        scope: &ProjectScope,
        key: &str,
        (kept, at, until): (&KeptAnswer, Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let answer = serde_json::to_value(kept).map_err(broken)?;
        let bytes = answer.to_string().len();
        if bytes > LARGEST {
            return Ok(());
        }
        let row = ActiveModel {
            id: NotSet,
            project_id: Set(scope.project().get()),
            key: Set(key.to_owned()),
            answer: Set(answer),
            bytes: Set(i64::try_from(bytes).unwrap_or(i64::MAX)),
            created_at: Set(at),
            expires_at: Set(until),
        };
        let changed = [Column::Answer, Column::Bytes, Column::CreatedAt, Column::ExpiresAt];
        let there = OnConflict::columns([Column::ProjectId, Column::Key]).update_columns(changed).to_owned();
        Entity::insert(row).on_conflict(there).exec_without_returning(&self.0).await.map_err(sort)?;
        let oldest = within(scope).select_only().column(Column::Id).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        let beyond: Vec<i64> = oldest.offset(MOST).limit(MOST).into_tuple().all(&self.0).await.map_err(sort)?;
        if !beyond.is_empty() {
            Entity::delete_many().filter(Column::Id.is_in(beyond)).exec(&self.0).await.map_err(sort)?;
        }
        Ok(())
    }

    async fn given(&self, who: &Attribution, target: &Target, at: Timestamp) -> Result<LlmAttemptId, StoreError> {
        let row = llm_attempt::ActiveModel {
            project_id: Set(who.project.get()),
            user_id: Set(who.user.map(UserId::get)),
            api_key_id: Set(who.api_key.map(ApiKeyId::get)),
            provider_id: Set(target.provider.get()),
            provider: Set(target.alias.clone()),
            model: Set(target.model.clone()),
            role: Set(who.role.clone()),
            cause: Set(who.cause.as_str().to_owned()),
            cause_id: Set(who.cause_id.clone()),
            number: Set(1),
            outcome: Set(Outcome::Cached.as_str().to_owned()),
            latency_ms: Set(Some(0)),
            counters: Set(json!([])),
            started_at: Set(at),
            ended_at: Set(Some(at)),
            ..Default::default()
        };
        let inserted = llm_attempt::Entity::insert(row).exec(&self.0).await.map_err(sort)?;
        Ok(LlmAttemptId::new(inserted.last_insert_id))
    }

    async fn figures(&self, scope: &ProjectScope, now: Timestamp) -> Result<CacheFigures, StoreError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM llm_answers WHERE project_id = $1 AND expires_at > $2";
        let values = [scope.project().get().into(), now.into()];
        let row = self.0.query_one_raw(Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)).await.map_err(sort)?;
        let Some(row) = row else { return Ok(CacheFigures::default()) };
        let figure = |at: usize| row.try_get_by_index::<i64>(at).map(i64::unsigned_abs).map_err(sort);
        Ok(CacheFigures { answers: figure(0)?, bytes: figure(1)? })
    }

    async fn clear(&self, scope: &ProjectScope) -> Result<u64, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected)
    }

    async fn expire(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(&self.0).await.map_err(sort)?.rows_affected)
    }
}
