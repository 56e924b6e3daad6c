//! What is written of documents and passages.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ChunkWrite, DocumentStatus, EmbeddingModel, IndexedContent, KnowledgeDocument, Mark, NewDocument, Upload,
};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    UpdateMany,
};

use crate::entity::knowledge_document::{ActiveModel, Column, Entity};
use crate::entity::{knowledge_chunk as chunk, knowledge_upload as upload, knowledge_vector as vector};
use crate::error::{broken, sort};

/// Rows per insert: below the number of parameters either database takes.
const ROWS: usize = 500;

fn update(scope: &ProjectScope, id: DocumentId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

pub(super) async fn insert(db: &impl ConnectionTrait, scope: &ProjectScope, new: &NewDocument) -> Result<KnowledgeDocument, StoreError> {
    let row = ActiveModel {
        project_id: Set(scope.project().get()),
        version: Set(1),
        chunk_count: Set(0),
        created_at: Set(new.at),
        ..arrived(new)
    };
    let row = row.insert(db).await.map_err(sort)?;
    KnowledgeDocument::try_from(row).map_err(broken)
}

pub(super) async fn overwrite(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    old: &KnowledgeDocument,
    new: &NewDocument,
) -> Result<KnowledgeDocument, StoreError> {
    let version = old.version + i32::from(old.content_hash != new.content_hash);
    let row = ActiveModel { version: Set(version), ..arrived(new) };
    update(scope, old.id).set(row).exec(db).await.map_err(sort)?;
    let row = Entity::find_by_id(old.id.get()).filter(Column::ProjectId.eq(scope.project().get())).one(db).await.map_err(sort)?;
    KnowledgeDocument::try_from(row.ok_or(StoreError::Reference)?).map_err(broken)
}

fn arrived(new: &NewDocument) -> ActiveModel {
    ActiveModel {
        origin: Set(new.origin.as_str().to_owned()),
        source_key: Set(new.source_key.clone()),
        title: Set(new.title.clone()),
        category: Set(new.category.clone()),
        tags: Set(serde_json::Value::from(new.tags.clone())),
        filename: Set(new.filename.clone()),
        content_type: Set(new.content_type.as_str().to_owned()),
        size: Set(new.size),
        content_hash: Set(new.content_hash.clone()),
        status: Set(new.status.as_str().to_owned()),
        error: Set(new.error.clone()),
        repository_id: Set(new.repository.map(commandcenter_domain::shared::RepositoryId::get)),
        commit_sha: Set(new.commit_sha.clone()),
        blob_sha: Set(new.blob_sha.clone()),
        source_path: Set(new.source_path.clone()),
        source_url: Set(new.source_url.clone()),
        updated_at: Set(new.at),
        ..Default::default()
    }
}

pub(super) async fn mark(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, mark: &Mark) -> Result<(), StoreError> {
    let row = ActiveModel {
        status: Set(mark.status.as_str().to_owned()),
        error: Set(mark.error.clone()),
        updated_at: Set(mark.at),
        ..Default::default()
    };
    update(scope, id).set(row).exec(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn rename(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, title: &str) -> Result<(), StoreError> {
    update(scope, id).set(ActiveModel { title: Set(title.to_owned()), ..Default::default() }).exec(db).await.map_err(sort)?;
    let chunks = chunk::Entity::update_many()
        .filter(chunk::Column::ProjectId.eq(scope.project().get()))
        .filter(chunk::Column::DocumentId.eq(id.get()));
    chunks.col_expr(chunk::Column::Title, Expr::value(title)).filter(chunk::Column::Title.ne(title)).exec(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn replace_passages(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    content: &IndexedContent,
) -> Result<(), StoreError> {
    let IndexedContent { title, content_hash, text, passages, model, at } = content;
    let row = ActiveModel {
        title: Set(title.clone()),
        indexed_hash: Set(Some(content_hash.clone())),
        status: Set(DocumentStatus::Indexed.as_str().to_owned()),
        error: Set(None),
        chunk_count: Set(i64::try_from(passages.len()).map_err(broken)?),
        updated_at: Set(*at),
        ..Default::default()
    };
    let written = update(scope, id).set(row).col_expr_raw("content", text).exec(db).await.map_err(sort)?;
    if written.rows_affected == 0 {
        return Err(StoreError::Reference);
    }
    // Before passages are numbered: whoever holds the project's revision until the commit is the only one to number them, so that their ids
    // grow in the order of commits. What follows passages by their ids relies on that.
    bump(db, scope).await?;
    let old = chunk::Entity::delete_many()
        .filter(chunk::Column::ProjectId.eq(scope.project().get()))
        .filter(chunk::Column::DocumentId.eq(id.get()));
    old.exec(db).await.map_err(sort)?;
    for (part, passages) in passages.chunks(ROWS).enumerate() {
        let rows = passages.iter().zip(part * ROWS..).map(|(passage, ordinal)| chunk_row(scope, (id, title), passage, ordinal));
        chunk::Entity::insert_many(rows.collect::<Result<Vec<_>, _>>()?).exec_without_returning(db).await.map_err(sort)?;
    }
    let ids = chunk::Entity::find().select_only().column(chunk::Column::Id).filter(chunk::Column::DocumentId.eq(id.get()));
    let ids: Vec<i64> = ids.order_by_asc(chunk::Column::Ordinal).into_tuple().all(db).await.map_err(sort)?;
    let vectors =
        ids.into_iter().zip(passages).filter_map(|(id, passage)| passage.embedding.clone().map(|vector| (ChunkId::new(id), vector)));
    write_vectors(db, scope, *model, &vectors.collect::<Vec<_>>()).await
}

/// Sets the one column that the entity leaves out.
trait SetText {
    fn col_expr_raw(self, column: &'static str, text: &str) -> Self;
}

impl SetText for UpdateMany<Entity> {
    fn col_expr_raw(mut self, column: &'static str, text: &str) -> Self {
        sea_orm::QueryTrait::query(&mut self).value(column, Expr::value(text));
        self
    }
}

fn chunk_row(
    scope: &ProjectScope,
    (document, title): (DocumentId, &str),
    passage: &ChunkWrite,
    ordinal: usize,
) -> Result<chunk::ActiveModel, StoreError> {
    Ok(chunk::ActiveModel {
        document_id: Set(document.get()),
        project_id: Set(scope.project().get()),
        ordinal: Set(i32::try_from(ordinal).map_err(broken)?),
        title: Set(title.to_owned()),
        content: Set(passage.content.clone()),
        heading_path: Set(serde_json::to_string(&passage.heading_path).map_err(broken)?),
        span_start: Set(i64::try_from(passage.span.start).map_err(broken)?),
        span_end: Set(i64::try_from(passage.span.end).map_err(broken)?),
        token_count: Set(passage.token_count),
        ..Default::default()
    })
}

pub(super) async fn add_vectors(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    model: EmbeddingModel,
    vectors: &[(ChunkId, Vec<f32>)],
) -> Result<(), StoreError> {
    if vectors.is_empty() {
        return Ok(());
    }
    write_vectors(db, scope, model, vectors).await?;
    bump(db, scope).await
}

async fn write_vectors(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    model: EmbeddingModel,
    vectors: &[(ChunkId, Vec<f32>)],
) -> Result<(), StoreError> {
    for part in vectors.chunks(ROWS) {
        let rows = part.iter().map(|(chunk, values)| vector::ActiveModel {
            chunk_id: Set(chunk.get()),
            project_id: Set(scope.project().get()),
            model: Set(model.name.to_owned()),
            vector: Set(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        });
        let replace =
            OnConflict::column(vector::Column::ChunkId).update_columns([vector::Column::Model, vector::Column::Vector]).to_owned();
        vector::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(db).await.map_err(sort)?;
    }
    Ok(())
}

pub(super) async fn remove(db: &impl ConnectionTrait, scope: &ProjectScope, ids: &[DocumentId]) -> Result<u64, StoreError> {
    let mut removed = 0;
    for part in ids.chunks(ROWS) {
        let query = Entity::delete_many()
            .filter(Column::ProjectId.eq(scope.project().get()))
            .filter(Column::Id.is_in(part.iter().map(|id| id.get())));
        removed += query.exec(db).await.map_err(sort)?.rows_affected;
    }
    Ok(removed)
}

pub(super) async fn put_upload(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, new: &Upload) -> Result<(), StoreError> {
    let owned = Entity::find_by_id(id.get()).filter(Column::ProjectId.eq(scope.project().get())).select_only().column(Column::Id);
    if owned.into_tuple::<i64>().one(db).await.map_err(sort)?.is_none() {
        return Err(StoreError::Reference);
    }
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

/// Tells every process that caches vectors of the project to look again once this transaction is committed.
async fn bump(db: &impl ConnectionTrait, scope: &ProjectScope) -> Result<(), StoreError> {
    let sql = "INSERT INTO knowledge_revisions (project_id, revision) VALUES ($1, 1) \
               ON CONFLICT (project_id) DO UPDATE SET revision = knowledge_revisions.revision + 1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [scope.project().get().into()]);
    db.execute_raw(statement).await.map_err(sort)?;
    Ok(())
}
