//! From rows to documents and passages.

use commandcenter_domain::StoreError;
use commandcenter_domain::knowledge::{
    Chunk, ContentKind, DocumentOrigin, DocumentStatus, DocumentVersion, KnowledgeDocument, Span, Staleness,
};
use commandcenter_domain::shared::{ChunkId, DocumentId, RepositoryId, TechnologyId, UserId};
use sea_orm::DbErr;

use crate::entity::{knowledge_chunk, knowledge_document, knowledge_version};
use crate::error::{broken, sort};

/// The document of a row that may be absent.
pub(super) fn document(found: Result<Option<knowledge_document::Model>, DbErr>) -> Result<Option<KnowledgeDocument>, StoreError> {
    found.map_err(sort)?.map(KnowledgeDocument::try_from).transpose().map_err(broken)
}

/// A passage; `embedded` lists those with a vector.
pub(super) fn chunk(row: knowledge_chunk::Model, embedded: &[i64]) -> Result<Chunk, StoreError> {
    Ok(Chunk {
        id: ChunkId::new(row.id),
        ordinal: row.ordinal,
        content: row.content,
        heading_path: headings(&row.heading_path)?,
        span: span(row.span_start, row.span_end)?,
        token_count: row.token_count,
        is_embedded: embedded.contains(&row.id),
    })
}

/// Headings as they are stored: a JSON array in text, which the word index reads as it stands.
pub(crate) fn headings(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(broken)
}

/// A span from its columns.
pub(crate) fn span(start: i64, end: i64) -> Result<Span, StoreError> {
    Ok(Span { start: u64::try_from(start).map_err(broken)?, end: u64::try_from(end).map_err(broken)? })
}

impl TryFrom<knowledge_document::Model> for KnowledgeDocument {
    type Error = String;

    fn try_from(row: knowledge_document::Model) -> Result<Self, String> {
        let strange = |what: &str| format!("document {}: {what}", row.id);
        let tags = serde_json::from_value(row.tags.clone()).map_err(|_| strange("tags"))?;
        let warnings = serde_json::from_value(row.warnings.clone()).map_err(|_| strange("warnings"))?;
        let stale_signs = serde_json::from_value(row.stale_signs.clone()).map_err(|_| strange("stale_signs"))?;
        let media_type = row.media_type.as_deref().unwrap_or(&row.content_type);
        Ok(Self {
            id: DocumentId::new(row.id),
            origin: DocumentOrigin::parse(&row.origin).ok_or_else(|| strange("origin"))?,
            content_type: ContentKind::parse(media_type).ok_or_else(|| strange("media_type"))?,
            status: DocumentStatus::parse(&row.status).ok_or_else(|| strange("status"))?,
            tags,
            warnings,
            language: row.language,
            technology: row.technology_id.map(TechnologyId::new),
            title_is_given: row.title_is_given,
            indexed_at: row.indexed_at,
            staleness: Staleness { score: row.staleness, signs: stale_signs },
            title: row.title,
            category: row.category,
            filename: row.filename,
            source_key: row.source_key,
            source_path: row.source_path,
            source_url: row.source_url,
            repository: row.repository_id.map(RepositoryId::new),
            commit_sha: row.commit_sha,
            blob_sha: row.blob_sha,
            size: row.size,
            content_hash: row.content_hash,
            indexed_hash: row.indexed_hash,
            version: row.version,
            error: row.error,
            chunk_count: row.chunk_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<knowledge_version::Model> for DocumentVersion {
    type Error = String;

    fn try_from(row: knowledge_version::Model) -> Result<Self, String> {
        let strange = |what: &str| format!("version {} of document {}: {what}", row.version, row.document_id);
        Ok(Self {
            content_type: ContentKind::parse(&row.media_type).ok_or_else(|| strange("media_type"))?,
            origin: DocumentOrigin::parse(&row.origin).ok_or_else(|| strange("origin"))?,
            warnings: serde_json::from_value(row.warnings.clone()).map_err(|_| strange("warnings"))?,
            version: row.version,
            content_hash: row.content_hash,
            size: row.size,
            added_by: row.added_by.map(UserId::new),
            commit_sha: row.commit_sha,
            created_at: row.created_at,
            indexed_at: row.indexed_at,
            chunk_count: row.chunk_count,
        })
    }
}
