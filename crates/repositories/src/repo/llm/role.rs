//! Roles and the models that fill them.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::llm::{ModelRef, Owner, Owning, RoleBinding, RoleModels, RoleName, RoleRepo};
use commandcenter_domain::shared::{ProjectId, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::entity::llm_role::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};
use crate::store::On;

fn seen(owning: Owning<'_>) -> Condition {
    let all = Condition::any().add(Column::ProjectId.is_null());
    match owning {
        Owning::Instance => all,
        Owning::Project(scope) => all.add(Column::ProjectId.eq(scope.project().get())),
    }
}

fn own(owning: Owning<'_>, role: &RoleName) -> Condition {
    let owner = match owning {
        Owning::Instance => Column::ProjectId.is_null(),
        Owning::Project(scope) => Column::ProjectId.eq(scope.project().get()),
    };
    Condition::all().add(owner).add(Column::Role.eq(role.as_str()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> RoleRepo for On<C> {
    async fn visible(&self, owning: Owning<'_>) -> Result<Vec<RoleBinding>, StoreError> {
        let query = Entity::find().filter(seen(owning)).order_by_asc(Column::Role);
        query.all(&self.0).await.map_err(sort)?.into_iter().map(binding).collect()
    }

    async fn find(&self, owning: Owning<'_>, role: &RoleName) -> Result<Option<RoleBinding>, StoreError> {
        let rows = Entity::find().filter(seen(owning)).filter(Column::Role.eq(role.as_str())).all(&self.0).await.map_err(sort)?;
        // The project's own stands before the instance's.
        rows.into_iter().max_by_key(|row| row.project_id.is_some()).map(binding).transpose()
    }

    async fn put(&self, owning: Owning<'_>, role: &RoleName, (models, at): (&RoleModels, Timestamp)) -> Result<(), StoreError> {
        let models = json!(models.as_slice());
        let update = ActiveModel { models: Set(models.clone()), updated_at: Set(at), ..Default::default() };
        let updated = Entity::update_many().filter(own(owning, role)).set(update).exec(&self.0).await.map_err(sort)?;
        if updated.rows_affected > 0 {
            return Ok(());
        }
        let row = ActiveModel {
            id: NotSet,
            project_id: Set(owning.project().map(ProjectId::get)),
            role: Set(role.as_str().to_owned()),
            models: Set(models),
            updated_at: Set(at),
        };
        Entity::insert(row).exec_without_returning(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, owning: Owning<'_>, role: &RoleName) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(own(owning, role));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }
}

fn binding(row: Model) -> Result<RoleBinding, StoreError> {
    let models: Vec<ModelRef> = serde_json::from_value(row.models).map_err(broken)?;
    Ok(RoleBinding {
        role: RoleName::parse(&row.role).map_err(broken)?,
        owner: Owner::of(row.project_id.map(ProjectId::new)),
        models: RoleModels::stored(models).ok_or_else(|| broken(format!("role {}: no models", row.id)))?,
        updated_at: row.updated_at,
    })
}
