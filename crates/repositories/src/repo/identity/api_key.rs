//! API keys.

use async_trait::async_trait;
use commandcenter_domain::identity::{ApiKey, ApiKeyRepo, KeyRow, NewApiKey, Role};
use commandcenter_domain::shared::{ApiKeyId, ProjectId, Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, JoinType, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::role;
use super::session::access_of;
use crate::entity::api_key::{ActiveModel, Column, Entity, Model};
use crate::entity::{membership, user};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> ApiKeyRepo for On<C> {
    async fn insert(&self, new: NewApiKey) -> Result<ApiKey, StoreError> {
        let NewApiKey { user, bound, name, prefix, hash, at, expires_at } = new;
        let row = ActiveModel {
            user_id: Set(user.get()),
            project_id: Set(bound.map(|(project, _)| project.get())),
            role: Set(bound.map(|(_, role)| role.as_str().to_owned())),
            name: Set(name),
            prefix: Set(prefix),
            hash: Set(hash),
            created_at: Set(at),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        let row = Entity::insert(row).exec_with_returning(&self.0).await.map_err(sort)?;
        ApiKey::try_from(row)
    }

    async fn access(&self, hash: &str, project: Option<ProjectId>, now: Timestamp) -> Result<Option<KeyRow>, StoreError> {
        let bound = Expr::col((Entity, Column::ProjectId));
        let asked = Func::coalesce([bound, Expr::value(project.map_or(0, ProjectId::get))]);
        let member = Expr::col((membership::Entity, membership::Column::UserId))
            .equals((user::Entity, user::Column::Id))
            .and(Expr::col((membership::Entity, membership::Column::ProjectId)).eq(asked));
        let query = Query::select()
            .column((user::Entity, user::Column::Id))
            .column((user::Entity, user::Column::Email))
            .column((user::Entity, user::Column::IsAdmin))
            .column((membership::Entity, membership::Column::Role))
            .expr_as(Expr::col((Entity, Column::Id)), Alias::new("key_id"))
            .expr_as(Expr::col((Entity, Column::ProjectId)), Alias::new("key_project"))
            .expr_as(Expr::col((Entity, Column::Role)), Alias::new("key_role"))
            .column((Entity, Column::LastUsedAt))
            .from(Entity)
            .inner_join(user::Entity, Expr::col((user::Entity, user::Column::Id)).equals((Entity, Column::UserId)))
            .join(JoinType::LeftJoin, membership::Entity, member)
            .and_where(Expr::col((Entity, Column::Hash)).eq(hash))
            .and_where(Expr::col((Entity, Column::ExpiresAt)).is_null().or(Expr::col((Entity, Column::ExpiresAt)).gt(now)))
            .and_where(Expr::col((user::Entity, user::Column::IsActive)).eq(true))
            .take();
        let Some(row) = self.0.query_one(&query).await.map_err(sort)? else { return Ok(None) };
        let project: Option<i64> = row.try_get("", "key_project").map_err(sort)?;
        let stored: Option<String> = row.try_get("", "key_role").map_err(sort)?;
        let bound = match (project, stored) {
            (Some(project), Some(text)) => Some((ProjectId::new(project), role(&text)?)),
            (Some(project), None) => Some((ProjectId::new(project), Role::Viewer)),
            (None, _) => None,
        };
        let key = ApiKeyId::new(row.try_get("", "key_id").map_err(sort)?);
        let last_used_at = row.try_get("", "last_used_at").map_err(sort)?;
        Ok(Some(KeyRow { key, bound, access: access_of(&row)?, last_used_at }))
    }

    async fn used(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        let update = Entity::update_many().col_expr(Column::LastUsedAt, Expr::value(at)).filter(Column::Id.eq(id.get()));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn list_personal(&self, user: UserId, page: PageRequest) -> Result<Page<ApiKey>, StoreError> {
        list(&self.0, Entity::find().filter(Column::UserId.eq(user.get())).filter(Column::ProjectId.is_null()), page).await
    }

    async fn list_bound(&self, project: ProjectId, page: PageRequest) -> Result<Page<ApiKey>, StoreError> {
        list(&self.0, Entity::find().filter(Column::ProjectId.eq(project.get())), page).await
    }

    async fn delete_personal(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        let query =
            Entity::delete_many().filter(Column::Id.eq(id.get())).filter(Column::UserId.eq(user.get())).filter(Column::ProjectId.is_null());
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected == 1)
    }

    async fn delete_bound(&self, project: ProjectId, id: ApiKeyId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::Id.eq(id.get())).filter(Column::ProjectId.eq(project.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected == 1)
    }
}

async fn list(db: &impl ConnectionTrait, query: Select<Entity>, page: PageRequest) -> Result<Page<ApiKey>, StoreError> {
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.order_by_asc(Column::Id).offset(page.offset()).limit(page.limit()).all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(ApiKey::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, total, request: page })
}

impl TryFrom<Model> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let Model { id, user_id, project_id, name, prefix, hash: _, role: stored, created_at, last_used_at, expires_at } = row;
        let role = stored.as_deref().map(role).transpose()?;
        let project = project_id.map(ProjectId::new);
        Ok(Self { id: ApiKeyId::new(id), user: UserId::new(user_id), name, prefix, project, role, created_at, last_used_at, expires_at })
    }
}
