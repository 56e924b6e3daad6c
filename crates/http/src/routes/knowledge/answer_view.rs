//! What goes in and out of a question that wants prose.

use commandcenter_domain::knowledge::{Citation, CitationFault, Hit, QueryAnswer, SearchMode, Span, Statement, Support};
use commandcenter_domain::llm::{NanoDollars, Usage};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use commandcenter_services::knowledge::{AskEnd, AskOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::hit_view::HitView;
use super::question::QueryKnowledge;
use super::view::SpanView;

/// A question that wants prose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"question": "how long does a worker hold a lease?", "policy": "mark"}))]
pub(super) struct AskKnowledge {
    /// In a person's words, at most 2,000 characters.
    #[serde(alias = "query")]
    question: String,
    /// What becomes of statements whose source does not hold: `mark` or `drop`; `mark` without.
    policy: Option<String>,
    /// Passages that the answer may lean on, 1 to 20; 8 without.
    #[schema(minimum = 1, maximum = 20)]
    limit: Option<i64>,
    /// `hybrid`, `keyword` or `vector`; `hybrid` without.
    mode: Option<String>,
    /// Only documents filed under this.
    category: Option<String>,
    /// Only documents linked to this technology, and those of repositories that are.
    technology_id: Option<i64>,
    /// Only documents of this repository.
    repository_id: Option<i64>,
    /// Only documents of this origin: `upload`, `repository` or `source`.
    origin: Option<String>,
    /// Only documents that this source brought.
    source_id: Option<i64>,
    /// Only documents in this language, such as `en`, or `rust` for source code.
    language: Option<String>,
    /// Only documents with every one of these labels, at most 32.
    #[schema(max_items = 32)]
    tags: Option<Vec<String>>,
    /// Only documents whose path in their repository, or else file name, begins so.
    path_prefix: Option<String>,
    /// Only documents that changed at this moment or later, RFC 3339 with a zone.
    since: Option<String>,
    /// Only documents that changed before this moment, RFC 3339 with a zone.
    until: Option<String>,
}

impl AskKnowledge {
    /// The policy, the number of passages, and the question that finds them.
    pub(super) fn split(self) -> (Option<String>, Option<i64>, QueryKnowledge) {
        let Self {
            question,
            policy,
            limit,
            mode,
            category,
            technology_id,
            repository_id,
            origin,
            source_id,
            language,
            tags,
            path_prefix,
            since,
            until,
        } = self;
        let query = QueryKnowledge {
            query: question,
            limit: None,
            page: None,
            mode,
            category,
            technology_id,
            repository_id,
            origin,
            source_id,
            language,
            tags,
            path_prefix,
            since,
            until,
            explain: None,
            group: None,
            diversity: None,
            rerank: None,
            rerank_budget_ms: None,
        };
        (policy, limit, query)
    }
}

/// What an answer may lean on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AskedPassagesView {
    /// How passages were in fact looked for.
    #[schema(value_type = String, example = "hybrid")]
    mode_used: SearchMode,
    /// Why it is less than was asked for.
    degraded_reason: Option<String>,
    /// In the order of their numbers, from 1.
    items: Vec<HitView>,
}

impl From<&QueryAnswer> for AskedPassagesView {
    fn from(found: &QueryAnswer) -> Self {
        let items = found.hits.iter().cloned().map(HitView::from).collect();
        Self { mode_used: found.mode_used, degraded_reason: found.degraded.clone(), items }
    }
}

/// What a passage's number stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PassageKey {
    document: DocumentId,
    chunk: ChunkId,
    start: u64,
}

impl From<&Hit> for PassageKey {
    fn from(hit: &Hit) -> Self {
        Self { document: hit.passage.document, chunk: hit.passage.chunk, start: hit.passage.span.start }
    }
}

/// A sentence, a line or a block of code of the answer, checked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"text": "A worker holds a lease for thirty seconds.", "support": "supported", "citations": [
    {"number": 2, "quote": "a lease of thirty seconds", "verified": true, "document_id": 7, "chunk_id": 41, "span": {"start": 120, "end": 145},
     "fault": null}]}))]
pub(super) struct StatementView {
    /// Without the marks of its sources; the texts of all statements one after the other are the answer.
    text: String,
    /// `supported`, `unsupported`, or `connective` for a heading that claims nothing.
    #[schema(value_type = String, example = "supported")]
    support: Support,
    citations: Vec<CitationView>,
}

impl StatementView {
    pub(super) fn new(statement: Statement, passages: &[PassageKey]) -> Self {
        let Statement { text, citations, support } = statement;
        Self { text, support, citations: citations.into_iter().map(|citation| CitationView::new(citation, passages)).collect() }
    }
}

/// A source that a statement names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CitationView {
    /// The passage's number in this answer.
    number: u64,
    /// The words it leans on.
    quote: Option<String>,
    /// Whether the passage says these words.
    verified: bool,
    #[schema(value_type = Option<i64>)]
    document_id: Option<DocumentId>,
    #[schema(value_type = Option<i64>)]
    chunk_id: Option<ChunkId>,
    /// Where the words are in the document's normalised text, in code points.
    span: Option<SpanView>,
    /// Why it is not verified: `no_passage`, `no_quote` or `not_said`.
    #[schema(value_type = Option<String>)]
    fault: Option<CitationFault>,
}

impl CitationView {
    fn new(Citation { number, quote, found }: Citation, passages: &[PassageKey]) -> Self {
        let key = number.checked_sub(1).and_then(|index| passages.get(index)).copied();
        let within = |span: Span| key.map(|key| Span { start: key.start + span.start, end: key.start + span.end });
        Self {
            number: u64::try_from(number).unwrap_or(u64::MAX),
            quote,
            verified: found.is_ok(),
            document_id: key.map(|key| key.document),
            chunk_id: key.map(|key| key.chunk),
            span: found.ok().and_then(within).map(SpanView::from),
            fault: found.err(),
        }
    }
}

/// How an answer ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndView {
    /// `answered`, `not_found`, `no_model`, `incomplete` or `failed`.
    outcome: &'static str,
    /// Slug of the problem, when it failed.
    problem: Option<&'static str>,
    /// What a person should know: what to configure, or what broke.
    detail: Option<String>,
    /// The model that spoke, as `provider/model`.
    model: Option<String>,
    supported: u64,
    unsupported: u64,
    dropped: u64,
    input_tokens: u64,
    output_tokens: u64,
    /// In nano-dollars.
    #[schema(value_type = i64)]
    cost_nano: NanoDollars,
}

impl From<AskEnd> for EndView {
    fn from(end: AskEnd) -> Self {
        let AskEnd { outcome, model, supported, unsupported, dropped, usage, cost } = end;
        let Usage { input_tokens, output_tokens, .. } = usage;
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let name = outcome.as_str();
        let (problem, detail) = match outcome {
            AskOutcome::Answered | AskOutcome::NotFound => (None, None),
            AskOutcome::NoModel(detail) => (Some("llm-not-configured"), Some(detail)),
            AskOutcome::Incomplete(detail) => (None, Some(detail)),
            AskOutcome::Failed(slug, detail) => (Some(slug), Some(detail)),
        };
        Self {
            outcome: name,
            problem,
            detail,
            model,
            supported: number(supported),
            unsupported: number(unsupported),
            dropped: number(dropped),
            input_tokens,
            output_tokens,
            cost_nano: cost,
        }
    }
}
