//! Hits as clients see them.

use commandcenter_domain::knowledge::{Duplicate, Explanation, Hit, PassageRecord};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::SpanView;

/// A passage that answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HitView {
    #[schema(value_type = i64)]
    document_id: DocumentId,
    #[schema(value_type = i64)]
    chunk_id: ChunkId,
    title: String,
    content: String,
    /// Fused score, between 0 and 1; comparable within one answer only.
    score: f64,
    category: String,
    /// The file's name, or its path in the repository.
    source: String,
    url: Option<String>,
    /// Where in the normalised text the passage is, in code points.
    span: SpanView,
    /// The headings above it, outermost first.
    heading_path: Vec<String>,
    /// Where in `content` the question's words are, in code points.
    highlights: Vec<SpanView>,
    /// Passages that say the same, of this document or others; they are not shown besides.
    duplicates: Vec<DuplicateView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explain: Option<ExplanationView>,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        let Hit { passage, score, highlights, explanation: _, duplicates } = hit;
        let PassageRecord { chunk, document, title, category, source, url, content, heading_path, span } = passage;
        let highlights = highlights.into_iter().map(SpanView::from).collect();
        Self {
            document_id: document,
            chunk_id: chunk,
            title,
            content,
            score,
            category,
            source,
            url,
            span: span.into(),
            heading_path,
            highlights,
            duplicates: duplicates.into_iter().map(DuplicateView::from).collect(),
            explain: None,
        }
    }
}

/// A copy of a hit in another place.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DuplicateView {
    #[schema(value_type = i64)]
    document_id: DocumentId,
    #[schema(value_type = i64)]
    chunk_id: ChunkId,
    title: String,
    /// The file's name, or its path in the repository.
    source: String,
}

impl From<Duplicate> for DuplicateView {
    fn from(duplicate: Duplicate) -> Self {
        let Duplicate { chunk, document, title, source } = duplicate;
        Self { document_id: document, chunk_id: chunk, title, source }
    }
}

/// Why a hit stands where it stands: its place and score by each method, and what each gives to the fused score.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    lexical_rank: Option<u32>,
    vector_rank: Option<u32>,
    /// BM25.
    lexical_score: Option<f64>,
    /// Cosine.
    vector_score: Option<f64>,
    /// What the words give to `score`.
    lexical_part: f64,
    /// What the meaning gives to `score`.
    vector_part: f64,
    /// Place before a model read the hits, with `rerank`.
    fused_rank: Option<u32>,
    /// What the model gave it, 0 to 10; hits go by it, and by `score` among equals.
    grade: Option<u8>,
}

impl From<Explanation> for ExplanationView {
    fn from(explanation: Explanation) -> Self {
        let Explanation { lexical_rank, vector_rank, lexical_score, vector_score, lexical_part, vector_part, fused_rank, grade } =
            explanation;
        Self { lexical_rank, vector_rank, lexical_score, vector_score, lexical_part, vector_part, fused_rank, grade }
    }
}
