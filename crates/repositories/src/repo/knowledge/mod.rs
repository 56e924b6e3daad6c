//! Documents, passages and waiting uploads.

mod address;
mod aggregate;
mod collection;
mod list;
mod row;
mod staleness;
mod upload;
mod vector;
mod version;
mod write;

pub(crate) use row::{headings, span};

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    Address, CategoryCount, Chunk, ChunkWrite, Collection, DocumentFilter, DocumentOrigin, DocumentSort, DocumentVersion, EmbeddingModel,
    Evidence, Filing, IndexedContent, KnowledgeDocument, KnowledgeRepo, KnowledgeStatistics, Mark, NewDocument, RepositoryEntry, Staleness,
    Upload,
};
use commandcenter_domain::shared::{ChunkId, DocumentId, RepositoryId, Sort, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::knowledge_document::{Column, Entity};
use crate::entity::{knowledge_chunk, knowledge_vector};
use crate::error::sort;
use crate::store::On;

/// Every read starts here, so none can forget the scope.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

fn chunks_within(scope: &ProjectScope, document: DocumentId) -> Select<knowledge_chunk::Entity> {
    knowledge_chunk::Entity::find()
        .filter(knowledge_chunk::Column::ProjectId.eq(scope.project().get()))
        .filter(knowledge_chunk::Column::DocumentId.eq(document.get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> KnowledgeRepo for On<C> {
    async fn find(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<KnowledgeDocument>, StoreError> {
        row::document(within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await)
    }

    async fn find_by_source(
        &self,
        scope: &ProjectScope,
        origin: DocumentOrigin,
        key: &str,
    ) -> Result<Option<KnowledgeDocument>, StoreError> {
        let query = within(scope).filter(Column::Origin.eq(origin.as_str())).filter(Column::SourceKey.eq(key));
        row::document(query.one(&self.0).await)
    }

    async fn text(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<String>, StoreError> {
        let query = within(scope).select_only().expr_as(Expr::col("content"), "content").filter(Column::Id.eq(id.get()));
        let found: Option<Option<String>> = query.into_tuple().one(&self.0).await.map_err(sort)?;
        Ok(found.flatten())
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &DocumentFilter,
        order: Sort<DocumentSort>,
        page: PageRequest,
    ) -> Result<Page<KnowledgeDocument>, StoreError> {
        list::page(&self.0, scope, (filter, order), page).await
    }

    async fn chunks(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<Chunk>, StoreError> {
        let query = chunks_within(scope, id);
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let query = query.order_by_asc(knowledge_chunk::Column::Ordinal).offset(page.offset()).limit(page.limit());
        Ok(Page { items: with_vectors(&self.0, query).await?, total, request: page })
    }

    async fn insert(&self, scope: &ProjectScope, new: &NewDocument) -> Result<KnowledgeDocument, StoreError> {
        write::insert(&self.0, scope, new).await
    }

    async fn overwrite(&self, scope: &ProjectScope, old: &KnowledgeDocument, new: &NewDocument) -> Result<KnowledgeDocument, StoreError> {
        write::overwrite(&self.0, scope, old, new).await
    }

    async fn mark(&self, scope: &ProjectScope, id: DocumentId, mark: &Mark) -> Result<(), StoreError> {
        write::mark(&self.0, scope, id, mark).await
    }

    async fn rename(&self, scope: &ProjectScope, id: DocumentId, title: &str) -> Result<(), StoreError> {
        write::rename(&self.0, scope, id, title).await
    }

    async fn replace_passages(&self, scope: &ProjectScope, id: DocumentId, content: &IndexedContent) -> Result<(), StoreError> {
        write::replace_passages(&self.0, scope, id, content).await
    }

    async fn remove(&self, scope: &ProjectScope, ids: &[DocumentId]) -> Result<u64, StoreError> {
        write::remove(&self.0, scope, ids).await
    }

    async fn put_upload(&self, scope: &ProjectScope, id: DocumentId, upload: &Upload) -> Result<(), StoreError> {
        upload::put(&self.0, scope, id, upload).await
    }

    async fn put_upload_part(&self, scope: &ProjectScope, id: DocumentId, number: i32, bytes: Vec<u8>) -> Result<(), StoreError> {
        upload::put_part(&self.0, scope, id, (number, bytes)).await
    }

    async fn upload(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Upload>, StoreError> {
        upload::find(&self.0, scope, id).await
    }

    async fn drop_upload(&self, scope: &ProjectScope, id: DocumentId, content_hash: &str) -> Result<(), StoreError> {
        upload::discard(&self.0, scope, id, content_hash).await
    }

    async fn versions(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<DocumentVersion>, StoreError> {
        version::list(&self.0, scope, id, page).await
    }

    async fn file(&self, scope: &ProjectScope, id: DocumentId, filing: &Filing) -> Result<(), StoreError> {
        write::file(&self.0, scope, id, filing).await
    }

    async fn address(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Address>, StoreError> {
        address::find(&self.0, scope, id).await
    }

    async fn set_address(&self, scope: &ProjectScope, id: DocumentId, address: &Address) -> Result<(), StoreError> {
        address::set(&self.0, scope, id, address).await
    }

    async fn due_for_judgement(&self, before: Timestamp, limit: u64) -> Result<Vec<Evidence>, StoreError> {
        staleness::due(&self.0, before, limit).await
    }

    async fn evidence(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Evidence>, StoreError> {
        staleness::of(&self.0, scope, id).await
    }

    async fn set_staleness(&self, scope: &ProjectScope, id: DocumentId, judged: (&Staleness, Timestamp)) -> Result<(), StoreError> {
        staleness::set(&self.0, scope, id, judged).await
    }

    async fn vectors_by_text(
        &self,
        scope: &ProjectScope,
        id: DocumentId,
        model: &EmbeddingModel,
    ) -> Result<BTreeMap<String, Vec<f32>>, StoreError> {
        vector::by_text(&self.0, scope, id, model).await
    }

    async fn stored_passages(&self, scope: &ProjectScope, id: DocumentId, model: &EmbeddingModel) -> Result<Vec<ChunkWrite>, StoreError> {
        vector::stored(&self.0, scope, id, model).await
    }

    async fn without_vector(
        &self,
        scope: &ProjectScope,
        id: DocumentId,
        model: &EmbeddingModel,
        limit: u64,
    ) -> Result<Vec<Chunk>, StoreError> {
        let embedded = Query::select()
            .column(knowledge_vector::Column::ChunkId)
            .from(knowledge_vector::Entity)
            .and_where(knowledge_vector::Column::ProjectId.eq(scope.project().get()))
            .and_where(knowledge_vector::Column::Model.eq(model.name.as_ref()))
            .to_owned();
        let query = chunks_within(scope, id)
            .filter(knowledge_chunk::Column::Id.not_in_subquery(embedded))
            .order_by_asc(knowledge_chunk::Column::Ordinal)
            .limit(limit);
        let rows = query.all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(|row| row::chunk(row, &[])).collect()
    }

    async fn add_vectors(&self, scope: &ProjectScope, model: &EmbeddingModel, vectors: &[(ChunkId, Vec<f32>)]) -> Result<(), StoreError> {
        vector::add(&self.0, scope, model, vectors).await
    }

    async fn of_repository(&self, scope: &ProjectScope, repository: RepositoryId) -> Result<Vec<RepositoryEntry>, StoreError> {
        let query = within(scope)
            .select_only()
            .columns([Column::Id, Column::SourcePath, Column::BlobSha])
            .filter(Column::RepositoryId.eq(repository.get()))
            .order_by_asc(Column::Id);
        let rows: Vec<(i64, Option<String>, Option<String>)> = query.into_tuple().all(&self.0).await.map_err(sort)?;
        let entry = |(id, path, blob): (i64, Option<String>, Option<String>)| RepositoryEntry {
            document: DocumentId::new(id),
            path: path.unwrap_or_default(),
            blob_sha: blob.unwrap_or_default(),
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    async fn statistics(&self, scope: &ProjectScope, model: &EmbeddingModel) -> Result<KnowledgeStatistics, StoreError> {
        aggregate::statistics(&self.0, scope, model).await
    }

    async fn categories(&self, scope: &ProjectScope) -> Result<Vec<CategoryCount>, StoreError> {
        aggregate::categories(&self.0, scope).await
    }

    async fn collections(&self, scope: &ProjectScope) -> Result<Vec<Collection>, StoreError> {
        aggregate::collections(&self.0, scope).await
    }
}

/// Passages with whether they have a vector, in two statements however many there are.
async fn with_vectors(db: &impl ConnectionTrait, query: Select<knowledge_chunk::Entity>) -> Result<Vec<Chunk>, StoreError> {
    let rows = query.all(db).await.map_err(sort)?;
    let ids = rows.iter().map(|row| row.id);
    let query = knowledge_vector::Entity::find()
        .select_only()
        .column(knowledge_vector::Column::ChunkId)
        .filter(knowledge_vector::Column::ChunkId.is_in(ids));
    let embedded: Vec<i64> = query.into_tuple().all(db).await.map_err(sort)?;
    rows.into_iter().map(|row| row::chunk(row, &embedded)).collect()
}
