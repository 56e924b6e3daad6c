//! The audit log.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::audit::{AuditLog, NewAudit};
use commandcenter_domain::identity::{Actor, ProjectScope};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use crate::entity::audit_entry::{ActiveModel, Entity};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> AuditLog for On<C> {
    async fn record(&self, scope: &ProjectScope, entry: NewAudit) -> Result<(), StoreError> {
        insert(&self.0, Some(scope.project().get()), scope.actor(), entry).await
    }

    async fn record_instance(&self, actor: Actor, entry: NewAudit) -> Result<(), StoreError> {
        insert(&self.0, None, actor, entry).await
    }
}

async fn insert(db: &impl ConnectionTrait, project: Option<i64>, actor: Actor, entry: NewAudit) -> Result<(), StoreError> {
    let NewAudit { action, entity, entity_id, detail, at } = entry;
    let row = ActiveModel {
        project_id: Set(project),
        actor: Set(actor.to_string()),
        action: Set(action.to_owned()),
        entity: Set(entity.to_owned()),
        entity_id: Set(entity_id),
        detail: Set(detail),
        created_at: Set(at),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}
