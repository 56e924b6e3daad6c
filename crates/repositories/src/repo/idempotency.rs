//! Attempts that may be repeated.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::idempotency::{AttemptRow, IdempotencyRepo, NewAttempt};
use commandcenter_domain::shared::{AttemptId, ProjectId, Timestamp};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, TryInsertResult};

use crate::entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> IdempotencyRepo for On<C> {
    async fn reserve(&self, new: &NewAttempt) -> Result<Option<AttemptId>, StoreError> {
        let NewAttempt { slot, user, project, at, expires_at } = new.clone();
        let row = ActiveModel {
            slot: Set(slot),
            user_id: Set(user.get()),
            project_id: Set(project.map(ProjectId::get)),
            renewed_at: Set(at),
            created_at: Set(at),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        let taken = OnConflict::column(Column::Slot).do_nothing().to_owned();
        match Entity::insert(row).on_conflict(taken).try_insert().exec(&self.0).await.map_err(sort)? {
            TryInsertResult::Inserted(inserted) => Ok(Some(AttemptId::new(inserted.last_insert_id))),
            TryInsertResult::Conflicted | TryInsertResult::Empty => Ok(None),
        }
    }

    async fn find(&self, slot: &str) -> Result<Option<AttemptRow>, StoreError> {
        let row = Entity::find().filter(Column::Slot.eq(slot)).one(&self.0).await.map_err(sort)?;
        Ok(row.map(AttemptRow::from))
    }

    async fn clear(&self, row: &AttemptRow) -> Result<(), StoreError> {
        let unchanged = match row.sealed {
            Some(_) => Column::Sealed.is_not_null(),
            None => Column::Sealed.is_null().and(Column::RenewedAt.eq(row.renewed_at)),
        };
        Entity::delete_many().filter(Column::Id.eq(row.id.get())).filter(unchanged).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn renew(&self, id: AttemptId, at: Timestamp) -> Result<(), StoreError> {
        let update = Entity::update_many().col_expr(Column::RenewedAt, Expr::value(at)).filter(Column::Id.eq(id.get()));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn complete(&self, id: AttemptId, sealed: Vec<u8>) -> Result<bool, StoreError> {
        let update = Entity::update_many().col_expr(Column::Sealed, Expr::value(sealed)).filter(Column::Id.eq(id.get()));
        Ok(update.filter(Column::Sealed.is_null()).exec(&self.0).await.map_err(sort)?.rows_affected == 1)
    }

    async fn release(&self, id: AttemptId) -> Result<(), StoreError> {
        let held = Entity::delete_many().filter(Column::Id.eq(id.get())).filter(Column::Sealed.is_null());
        held.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
        Ok(expired.exec(&self.0).await.map_err(sort)?.rows_affected)
    }
}

impl From<Model> for AttemptRow {
    fn from(row: Model) -> Self {
        let Model { id, slot: _, user_id: _, project_id: _, sealed, renewed_at, created_at: _, expires_at } = row;
        Self { id: AttemptId::new(id), sealed, renewed_at, expires_at }
    }
}
