//! What is known of the pages that documents are.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::Address;
use commandcenter_domain::shared::DocumentId;
use commandcenter_domain::source::Validators;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::knowledge_address::{ActiveModel, Column, Entity};
use crate::error::sort;

pub(super) async fn find(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId) -> Result<Option<Address>, StoreError> {
    let query = Entity::find_by_id(id.get()).filter(Column::ProjectId.eq(scope.project().get()));
    let row = query.one(db).await.map_err(sort)?;
    Ok(row.map(|row| Address {
        validators: Validators { etag: row.etag, last_modified: row.last_modified },
        fetched_at: row.fetched_at,
        failing_since: row.failing_since,
        is_gone: row.is_gone,
    }))
}

pub(super) async fn set(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, address: &Address) -> Result<(), StoreError> {
    let Address { validators: Validators { etag, last_modified }, fetched_at, failing_since, is_gone } = address;
    let row = ActiveModel {
        document_id: Set(id.get()),
        project_id: Set(scope.project().get()),
        etag: Set(etag.clone()),
        last_modified: Set(last_modified.clone()),
        fetched_at: Set(*fetched_at),
        failing_since: Set(*failing_since),
        is_gone: Set(*is_gone),
    };
    let over = OnConflict::column(Column::DocumentId)
        .update_columns([Column::Etag, Column::LastModified, Column::FetchedAt, Column::FailingSince, Column::IsGone])
        .to_owned();
    Entity::insert(row).on_conflict(over).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}
