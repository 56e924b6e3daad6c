//! What API keys may use of a project in a minute.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{KeyLimitRepo, KeyLimits, RateLimits};
use commandcenter_domain::shared::{ApiKeyId, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::llm_key_limit::{ActiveModel, Column, Entity, Model};
use crate::entity::{api_key, membership};
use crate::error::{broken, sort};
use crate::store::On;

fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> KeyLimitRepo for On<C> {
    async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<KeyLimits>, StoreError> {
        let total = within(scope).count(&self.0).await.map_err(sort)?;
        let query = within(scope).order_by_asc(Column::ApiKeyId).offset(page.offset()).limit(page.limit());
        Ok(Page { items: named(&self.0, query).await?, total, request: page })
    }

    async fn find(&self, scope: &ProjectScope, key: ApiKeyId) -> Result<Option<KeyLimits>, StoreError> {
        Ok(named(&self.0, within(scope).filter(Column::ApiKeyId.eq(key.get()))).await?.pop())
    }

    async fn put(&self, scope: &ProjectScope, key: ApiKeyId, (limits, at): (RateLimits, Timestamp)) -> Result<bool, StoreError> {
        if api_key::Entity::find().filter(works_in(scope, key)).count(&self.0).await.map_err(sort)? == 0 {
            return Ok(false);
        }
        let whole = |limit: Option<u64>| limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let row = ActiveModel {
            id: NotSet,
            project_id: Set(scope.project().get()),
            api_key_id: Set(key.get()),
            requests_per_minute: Set(whole(limits.requests())),
            tokens_per_minute: Set(whole(limits.tokens())),
            requests_full_at: Set(0),
            tokens_full_at: Set(0),
            updated_at: Set(at),
        };
        let changed = [Column::RequestsPerMinute, Column::TokensPerMinute, Column::UpdatedAt];
        let there = OnConflict::columns([Column::ProjectId, Column::ApiKeyId]).update_columns(changed).to_owned();
        Entity::insert(row).on_conflict(there).exec_without_returning(&self.0).await.map_err(sort)?;
        Ok(true)
    }

    async fn delete(&self, scope: &ProjectScope, key: ApiKeyId) -> Result<bool, StoreError> {
        let own = Condition::all().add(Column::ProjectId.eq(scope.project().get())).add(Column::ApiKeyId.eq(key.get()));
        Ok(Entity::delete_many().filter(own).exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }
}

/// A key that works in the project: its own, or a personal one of a member.
fn works_in(scope: &ProjectScope, key: ApiKeyId) -> Condition {
    let project = scope.project().get();
    let members = Query::select()
        .column(membership::Column::UserId)
        .from(membership::Entity)
        .and_where(Expr::col(membership::Column::ProjectId).eq(project))
        .take();
    let personal = Condition::all().add(api_key::Column::ProjectId.is_null()).add(api_key::Column::UserId.in_subquery(members));
    let either = Condition::any().add(api_key::Column::ProjectId.eq(project)).add(personal);
    Condition::all().add(api_key::Column::Id.eq(key.get())).add(either)
}

/// Rows with what their keys are called, in one more statement however many there are.
async fn named(db: &impl ConnectionTrait, query: Select<Entity>) -> Result<Vec<KeyLimits>, StoreError> {
    let rows = query.all(db).await.map_err(sort)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys = api_key::Entity::find().filter(api_key::Column::Id.is_in(rows.iter().map(|row| row.api_key_id)));
    let keys = keys.all(db).await.map_err(sort)?;
    let of = |row: Model| {
        let key = keys.iter().find(|key| key.id == row.api_key_id)?;
        Some(limits_of(row, (key.name.clone(), key.prefix.clone())))
    };
    rows.into_iter().filter_map(of).collect()
}

fn limits_of(row: Model, (name, prefix): (String, String)) -> Result<KeyLimits, StoreError> {
    let limits = RateLimits::parse(row.requests_per_minute, row.tokens_per_minute).map_err(broken)?;
    Ok(KeyLimits { api_key: ApiKeyId::new(row.api_key_id), name, prefix, limits, updated_at: row.updated_at })
}
