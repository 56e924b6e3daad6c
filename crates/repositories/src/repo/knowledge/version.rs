//! The contents that documents have had.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{DocumentVersion, IndexedContent, KnowledgeDocument};
use commandcenter_domain::shared::DocumentId;
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::knowledge_document as document;
use crate::entity::knowledge_version::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};

pub(super) async fn list(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    page: PageRequest,
) -> Result<Page<DocumentVersion>, StoreError> {
    let query = Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::DocumentId.eq(id.get()));
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.order_by_desc(Column::Version).offset(page.offset()).limit(page.limit()).all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(DocumentVersion::try_from).collect::<Result<_, _>>().map_err(broken)?;
    Ok(Page { items, total, request: page })
}

/// Notes the content that a document has now, unless it is noted already.
pub(super) async fn note(db: &impl ConnectionTrait, scope: &ProjectScope, document: &KnowledgeDocument) -> Result<(), StoreError> {
    let row = ActiveModel {
        document_id: Set(document.id.get()),
        project_id: Set(scope.project().get()),
        version: Set(document.version),
        content_hash: Set(document.content_hash.clone()),
        size: Set(document.size),
        media_type: Set(document.content_type.as_str().to_owned()),
        origin: Set(document.origin.as_str().to_owned()),
        added_by: Set(scope.user().map(commandcenter_domain::shared::UserId::get)),
        commit_sha: Set(document.commit_sha.clone()),
        created_at: Set(document.updated_at),
        indexed_at: Set(None),
        chunk_count: Set(None),
        warnings: Set(serde_json::json!([])),
        ..Default::default()
    };
    let once = OnConflict::columns([Column::DocumentId, Column::Version]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}

/// Notes that a content was read.
pub(super) async fn indexed(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    content: &IndexedContent,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        media_type: Set(content.kind.as_str().to_owned()),
        indexed_at: Set(Some(content.at)),
        chunk_count: Set(Some(i64::try_from(content.passages.len()).map_err(broken)?)),
        warnings: Set(serde_json::Value::from(content.warnings.clone())),
        ..Default::default()
    };
    // The same content may have been there before: the newest version is the one that was read.
    let newest =
        Query::select().column(document::Column::Version).from(document::Entity).and_where(document::Column::Id.eq(id.get())).to_owned();
    let query = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::DocumentId.eq(id.get()));
    query.filter(Column::Version.in_subquery(newest)).set(row).exec(db).await.map_err(sort)?;
    Ok(())
}
