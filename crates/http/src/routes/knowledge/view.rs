//! What goes in and out of the operations on the knowledge base.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commandcenter_domain::knowledge::{
    CategoryCount, Chunk, Collection, ContentKind, DocumentOrigin, DocumentStatus, EmbedderState, KnowledgeDocument, Span,
};
use commandcenter_domain::shared::{ChunkId, DocumentId, RepositoryId, TechnologyId};
use commandcenter_services::knowledge::KnowledgeOverview;
use serde::Serialize;
use utoipa::ToSchema;

use super::stale_view::StaleSignView;

/// A half-open range of code points.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SpanView {
    start: u64,
    end: u64,
}

impl From<Span> for SpanView {
    fn from(span: Span) -> Self {
        let Span { start, end } = span;
        Self { start, end }
    }
}

/// A document of the knowledge base.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeDocumentView)]
pub(super) struct DocumentView {
    #[schema(value_type = i64)]
    id: DocumentId,
    title: String,
    category: String,
    tags: Vec<String>,
    filename: String,
    /// `upload`, `repository`, `source` or `url`.
    #[schema(value_type = String, example = "upload")]
    origin: DocumentOrigin,
    source_path: Option<String>,
    source_url: Option<String>,
    #[schema(value_type = Option<i64>)]
    repository_id: Option<RepositoryId>,
    commit_sha: Option<String>,
    #[schema(value_type = String, example = "text/markdown")]
    content_type: ContentKind,
    size: i64,
    /// SHA-256 of the bytes, in hex.
    content_hash: String,
    /// Counts the contents it has had, from 1.
    version: i32,
    /// `pending`, `indexing`, `indexed` or `failed`.
    #[schema(value_type = String, example = "indexed")]
    status: DocumentStatus,
    /// Why it could not be read.
    error: Option<String>,
    /// Passages that answer now.
    chunk_count: i64,
    /// The technology it is about.
    #[schema(value_type = Option<i64>)]
    technology_id: Option<TechnologyId>,
    /// The language of what answers now: `en`, or `rust` for source code; null when it cannot be told.
    language: Option<String>,
    /// What was lost or guessed when what answers now was read.
    warnings: Vec<String>,
    /// How far it can no longer be relied on, from 0 to 1, as it was last judged.
    staleness: f64,
    /// Whether that is so far that it counts as stale.
    stale: bool,
    /// What speaks against it, heaviest first.
    stale_reasons: Vec<StaleSignView>,
    /// When what answers now was read.
    indexed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl DocumentView {
    pub(super) const fn id(&self) -> DocumentId {
        self.id
    }
}

impl From<KnowledgeDocument> for DocumentView {
    fn from(document: KnowledgeDocument) -> Self {
        let KnowledgeDocument { id, title, category, tags, filename, origin, source_path, source_url, repository, commit_sha, .. } =
            document;
        let KnowledgeDocument { content_type, size, content_hash, version, status, error, chunk_count, created_at, updated_at, .. } =
            document;
        let KnowledgeDocument { technology, language, warnings, indexed_at, staleness, .. } = document;
        Self {
            stale: staleness.is_stale(),
            staleness: f64::from(staleness.score) / 1000.0,
            stale_reasons: staleness.signs.into_iter().map(StaleSignView::from).collect(),
            technology_id: technology,
            language,
            warnings,
            indexed_at,
            id,
            title,
            category,
            tags,
            filename,
            origin,
            source_path,
            source_url,
            repository_id: repository,
            commit_sha,
            content_type,
            size,
            content_hash,
            version,
            status,
            error,
            chunk_count,
            created_at,
            updated_at,
        }
    }
}

/// A document with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentContentView {
    #[serde(flatten)]
    pub(super) document: DocumentView,
    /// The normalised text that spans point into; absent before it was first read.
    pub(super) content: Option<String>,
}

/// A passage.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChunkView {
    #[schema(value_type = i64)]
    id: ChunkId,
    ordinal: i32,
    content: String,
    heading_path: Vec<String>,
    span: SpanView,
    token_count: i32,
    /// Whether it can be found by meaning.
    embedded: bool,
}

impl From<Chunk> for ChunkView {
    fn from(chunk: Chunk) -> Self {
        let Chunk { id, ordinal, content, heading_path, span, token_count, is_embedded } = chunk;
        Self { id, ordinal, content, heading_path, span: span.into(), token_count, embedded: is_embedded }
    }
}

/// The knowledge base in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatisticsView {
    total_documents: u64,
    total_chunks: u64,
    /// Passages that can be found by meaning.
    embedded_chunks: u64,
    by_category: BTreeMap<String, u64>,
    by_status: BTreeMap<String, u64>,
    embedding_model: String,
    embedding_dimension: usize,
    /// Whether search by meaning works now.
    model_available: bool,
}

impl From<KnowledgeOverview> for StatisticsView {
    fn from(overview: KnowledgeOverview) -> Self {
        let KnowledgeOverview { numbers, model, state } = overview;
        Self {
            total_documents: numbers.documents,
            total_chunks: numbers.chunks,
            embedded_chunks: numbers.embedded_chunks,
            by_category: numbers.by_category,
            by_status: numbers.by_status,
            embedding_model: model.name.into_owned(),
            embedding_dimension: model.dimension,
            model_available: state == EmbedderState::Ready,
        }
    }
}

/// The categories in use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CategoriesView {
    items: Vec<CategoryView>,
}

/// A category in use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CategoryView {
    category: String,
    document_count: u64,
}

impl From<Vec<CategoryCount>> for CategoriesView {
    fn from(counts: Vec<CategoryCount>) -> Self {
        let view = |CategoryCount { category, documents }| CategoryView { category, document_count: documents };
        Self { items: counts.into_iter().map(view).collect() }
    }
}

/// Where documents came from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectionsView {
    items: Vec<CollectionView>,
}

/// Documents that came from one place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectionView {
    /// `uploads`, or the repository's `owner/name`.
    name: String,
    #[schema(value_type = String, example = "repository")]
    origin: DocumentOrigin,
    #[schema(value_type = Option<i64>)]
    repository_id: Option<RepositoryId>,
    document_count: u64,
    chunk_count: u64,
}

impl From<Vec<Collection>> for CollectionsView {
    fn from(collections: Vec<Collection>) -> Self {
        let view = |Collection { name, origin, repository, documents, chunks }| CollectionView {
            name,
            origin,
            repository_id: repository,
            document_count: documents,
            chunk_count: chunks,
        };
        Self { items: collections.into_iter().map(view).collect() }
    }
}
