//! Bytes that wait to be read, in rows of bounded size.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::Upload;
use commandcenter_domain::shared::DocumentId;
use sea_orm::sea_query::{OnConflict, Query, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{knowledge_document as document, knowledge_upload as upload, knowledge_upload_part as part};
use crate::error::sort;

/// Uploads have no project of their own: their document has.
fn owned(scope: &ProjectScope) -> SimpleExpr {
    let documents = Query::select()
        .column(document::Column::Id)
        .from(document::Entity)
        .and_where(document::Column::ProjectId.eq(scope.project().get()))
        .to_owned();
    upload::Column::DocumentId.in_subquery(documents)
}

pub(super) async fn put(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, new: &Upload) -> Result<(), StoreError> {
    require(db, scope, id).await?;
    part::Entity::delete_many().filter(part::Column::DocumentId.eq(id.get())).exec(db).await.map_err(sort)?;
    let row = upload::ActiveModel {
        document_id: Set(id.get()),
        content_hash: Set(new.content_hash.clone()),
        title: Set(new.title.clone()),
        bytes: Set(new.bytes.clone()),
    };
    let columns = [upload::Column::ContentHash, upload::Column::Title, upload::Column::Bytes];
    let replace = OnConflict::column(upload::Column::DocumentId).update_columns(columns).to_owned();
    upload::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn put_part(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    (number, bytes): (i32, Vec<u8>),
) -> Result<(), StoreError> {
    require(db, scope, id).await?;
    let row = part::ActiveModel { document_id: Set(id.get()), number: Set(number), bytes: Set(bytes) };
    part::Entity::insert(row).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn find(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId) -> Result<Option<Upload>, StoreError> {
    let query = upload::Entity::find().filter(upload::Column::DocumentId.eq(id.get())).filter(owned(scope));
    let Some(row) = query.one(db).await.map_err(sort)? else { return Ok(None) };
    let mut bytes = row.bytes;
    let parts = part::Entity::find().filter(part::Column::DocumentId.eq(id.get())).order_by_asc(part::Column::Number);
    for part in parts.all(db).await.map_err(sort)? {
        bytes.extend(part.bytes);
    }
    Ok(Some(Upload { content_hash: row.content_hash, title: row.title, bytes }))
}

pub(super) async fn discard(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, content_hash: &str) -> Result<(), StoreError> {
    let query = upload::Entity::delete_many().filter(upload::Column::DocumentId.eq(id.get())).filter(owned(scope));
    query.filter(upload::Column::ContentHash.eq(content_hash)).exec(db).await.map_err(sort)?;
    Ok(())
}

/// The document must be the project's.
async fn require(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId) -> Result<(), StoreError> {
    let query = document::Entity::find_by_id(id.get()).filter(document::Column::ProjectId.eq(scope.project().get()));
    let found = query.select_only().column(document::Column::Id).into_tuple::<i64>().one(db).await.map_err(sort)?;
    found.map(|_| ()).ok_or(StoreError::Reference)
}
