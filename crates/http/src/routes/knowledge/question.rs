//! What goes in and out of a question to the knowledge base.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::knowledge::{
    Correction, DocumentOrigin, Grouping, Hit, Narrowing, QueryAnswer, QueryText, Question, Reranking, SearchMode,
};
use commandcenter_domain::shared::{Checker, Invalid, RepositoryId, SourceId, TechnologyId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::hit_view::{ExplanationView, HitView};

/// Hits that can be paged through.
const DEEPEST: i64 = 500;
/// How long a model may read hits when nothing else is asked for, in milliseconds.
const RERANK_MS: i64 = 3_000;

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"query": "how do I cancel a running task?", "limit": 5}))]
pub(super) struct QueryKnowledge {
    /// In a person's words, at most 2,000 characters. What stands between quotation marks must be found as it is.
    pub(super) query: String,
    /// Most hits, 1 to 50; 10 without.
    #[schema(minimum = 1, maximum = 50)]
    pub(super) limit: Option<i64>,
    /// Which page of that many hits, from 1. No page goes past the 500th hit.
    #[schema(minimum = 1, maximum = 500)]
    pub(super) page: Option<i64>,
    /// `hybrid`, `keyword` or `vector`; `hybrid` without. `lexical` is an older name of `keyword`.
    #[schema(example = "hybrid")]
    pub(super) mode: Option<String>,
    /// Only documents filed under this.
    pub(super) category: Option<String>,
    /// Only documents linked to this technology, and those of repositories that are.
    pub(super) technology_id: Option<i64>,
    /// Only documents of this repository.
    pub(super) repository_id: Option<i64>,
    /// Only documents of this origin: `upload`, `repository` or `source`.
    pub(super) origin: Option<String>,
    /// Only documents that this source brought.
    pub(super) source_id: Option<i64>,
    /// Only documents in this language, such as `en`, or `rust` for source code.
    pub(super) language: Option<String>,
    /// Only documents with every one of these labels, at most 32.
    #[schema(max_items = 32)]
    pub(super) tags: Option<Vec<String>>,
    /// Only documents whose path in their repository, or else file name, begins so.
    pub(super) path_prefix: Option<String>,
    /// Only documents that changed at this moment or later, RFC 3339 with a zone.
    pub(super) since: Option<String>,
    /// Only documents that changed before this moment, RFC 3339 with a zone.
    pub(super) until: Option<String>,
    /// Whether hits say why they stand where they stand.
    pub(super) explain: Option<bool>,
    /// `document` (further passages of a document come after all documents had their place) or `passage`; `document` without.
    pub(super) group: Option<String>,
    /// How much hits that are unlike those before them go before hits that are like them: from 0, the default, to 1. 0.3 is a good start.
    #[schema(minimum = 0, maximum = 1)]
    pub(super) diversity: Option<f64>,
    /// Whether the model of the role `rerank` reads the first 20 hits and puts them in its order.
    pub(super) rerank: Option<bool>,
    /// How long that may take, in milliseconds; 3,000 without. Over it the order stays as it was, and the answer says so.
    #[schema(minimum = 50, maximum = 30_000)]
    pub(super) rerank_budget_ms: Option<i64>,
}

/// The question that a body asks.
pub(super) fn parse(body: &QueryKnowledge) -> Result<Question, Invalid> {
    let text = QueryText::parse(&body.query)?;
    let mut check = Checker::new();
    let limit = check.number("limit", body.limit.unwrap_or(10), (1, 50));
    let page = check.number("page", body.page.unwrap_or(1), (1, DEEPEST / limit.max(1)));
    let mode = check.choice("mode", body.mode.as_deref().unwrap_or("hybrid"), mode_of);
    let grouping = check.choice("group", body.group.as_deref().unwrap_or("document"), |text| match text {
        "document" => Some(Grouping::Document),
        "passage" => Some(Grouping::Passage),
        _ => None,
    });
    let diversity = check.number("diversity", body.diversity.unwrap_or(0.0), (0.0, 1.0));
    let budget = check.number("rerank_budget_ms", body.rerank_budget_ms.unwrap_or(RERANK_MS), (50, 30_000));
    if body.rerank_budget_ms.is_some() && body.rerank != Some(true) {
        check.note("rerank_budget_ms", "not_allowed", "is for `rerank: true`");
    }
    let narrowing = narrowing(&mut check, body);
    let (mode, grouping, narrowing) = check.finish((mode, grouping, narrowing))?;
    Ok(Question {
        text,
        limit: usize::try_from(limit).unwrap_or(10),
        offset: usize::try_from((page - 1) * limit).unwrap_or(0),
        mode: mode.unwrap_or(SearchMode::Hybrid),
        narrowing,
        grouping: grouping.unwrap_or(Grouping::Document),
        diversity: (diversity * 100.0).round() as u8,
        rerank: body.rerank.unwrap_or(false).then(|| Duration::from_millis(budget.unsigned_abs())),
    })
}

/// A mode by its name, or by its older one.
pub(super) fn mode_of(text: &str) -> Option<SearchMode> {
    if text == "lexical" { Some(SearchMode::Keyword) } else { SearchMode::parse(text) }
}

fn narrowing(check: &mut Checker, body: &QueryKnowledge) -> Narrowing {
    let tags = body.tags.as_deref().unwrap_or_default();
    if tags.len() > 32 {
        check.note("tags", "too_many", "must have at most 32 items");
    }
    Narrowing {
        category: check.optional_line("category", body.category.as_deref(), 100),
        technology: body.technology_id.map(TechnologyId::new),
        repository: body.repository_id.map(RepositoryId::new),
        origin: body.origin.as_deref().and_then(|text| check.choice("origin", text, DocumentOrigin::parse)),
        source: body.source_id.map(SourceId::new),
        language: check.optional_line("language", body.language.as_deref(), 32),
        tags: tags.iter().filter_map(|tag| check.optional_line("tags", Some(tag), 64)).collect(),
        path_prefix: check.optional_line("path_prefix", body.path_prefix.as_deref(), 1_000),
        since: check.optional_moment("since", body.since.as_deref()),
        until: check.optional_moment("until", body.until.as_deref()),
    }
}

/// The answer to a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerView {
    query: String,
    /// How passages were in fact looked for.
    #[schema(value_type = String, example = "hybrid")]
    mode_used: SearchMode,
    /// Whether it is less than was asked for.
    degraded: bool,
    /// Why it is less.
    degraded_reason: Option<String>,
    /// Words that no passage holds and that were taken for misspellings.
    corrections: Vec<CorrectionView>,
    /// What became of `rerank`.
    rerank: Option<RerankView>,
    took_ms: u64,
    page: u64,
    page_size: u64,
    has_next: bool,
    has_prev: bool,
    /// Best first.
    items: Vec<HitView>,
}

impl AnswerView {
    pub(super) fn new(answer: Arc<QueryAnswer>, question: &Question, (asked, took_ms): (QueryKnowledge, u64)) -> Self {
        let QueryAnswer { mode_used, degraded, corrections, reranking, hits, has_more, timings: _ } = Arc::unwrap_or_clone(answer);
        let explains = asked.explain.unwrap_or(false);
        let view = |hit: Hit| {
            let explain = explains.then(|| ExplanationView::from(hit.explanation));
            let mut view = HitView::from(hit);
            view.explain = explain;
            view
        };
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Self {
            query: asked.query,
            mode_used,
            degraded: degraded.is_some(),
            degraded_reason: degraded,
            corrections: corrections.into_iter().map(CorrectionView::from).collect(),
            rerank: reranking.map(RerankView::from),
            took_ms,
            page: number(question.offset / question.limit.max(1) + 1),
            page_size: number(question.limit),
            has_next: has_more,
            has_prev: question.offset > 0,
            items: hits.into_iter().map(view).collect(),
        }
    }
}

/// What became of the wish for a model's order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RerankView {
    /// Whether the hits are in the model's order.
    applied: bool,
    /// The model, as `provider/model`.
    model: Option<String>,
    /// Why the order is the fused one.
    reason: Option<String>,
    took_ms: u64,
}

impl From<Reranking> for RerankView {
    fn from(reranking: Reranking) -> Self {
        let Reranking { outcome, took } = reranking;
        let (applied, took_ms) = (outcome.is_ok(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        let (model, reason) = match outcome {
            Ok(model) => (Some(model), None),
            Err(reason) => (None, Some(reason)),
        };
        Self { applied, model, reason, took_ms }
    }
}

/// A word that was taken for a misspelling.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectionView {
    /// The word as the index would hold it.
    word: String,
    /// The word that was looked for.
    instead: String,
}

impl From<Correction> for CorrectionView {
    fn from(correction: Correction) -> Self {
        let Correction { word, instead } = correction;
        Self { word, instead }
    }
}
