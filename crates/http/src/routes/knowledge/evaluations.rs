//! Evaluations of the knowledge base: a project's own questions, judged.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::knowledge::{Evaluation, Measures, NewEvaluation, QueryFields, QueryOutcome, SearchMode};
use commandcenter_domain::shared::{Checker, EvaluationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

use super::question::mode_of;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(evaluate).service(list_evaluations).service(get_evaluation);
}

/// Asks the project's own questions and judges what comes back: nDCG, recall and reciprocal rank, question by question and on average,
/// beside the run of the same name before it.
#[utoipa::path(tag = "knowledge", request_body = EvaluateKnowledge, responses(
    (status = 201, description = "The figures", body = EvaluationView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "No model for this mode: `model-unavailable`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/knowledge/evaluations")]
async fn evaluate(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<EvaluateKnowledge>) -> Result<HttpResponse, Problem> {
    let mut check = Checker::new();
    let mode = check.choice("mode", body.mode.as_deref().unwrap_or("hybrid"), mode_of);
    let mode = check.finish(mode)?.unwrap_or(SearchMode::Hybrid);
    let queries: Vec<QueryFields> = body.queries.into_iter().map(QueryFields::from).collect();
    let new = NewEvaluation::parse(body.name.as_deref().unwrap_or("default"), (mode, body.k.unwrap_or(10)), &queries)?;
    let view = EvaluationView::from(app.knowledge.evaluate(&scope, new).await?);
    let location = format!("/api/v1/knowledge/evaluations/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(view))
}

/// The evaluations that were run, newest first.
#[utoipa::path(tag = "knowledge", params(PageQuery), responses((status = 200, description = "Evaluations", body = PageView<EvaluationView>)))]
#[get("/knowledge/evaluations")]
async fn list_evaluations(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.knowledge.evaluations(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<EvaluationView>::from(page)))
}

/// One evaluation.
#[utoipa::path(tag = "knowledge", params(("id" = i64, Path, description = "The evaluation")), responses(
    (status = 200, description = "The figures", body = EvaluationView),
    (status = 404, description = "Not in this project: `evaluation-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/knowledge/evaluations/{id}")]
async fn get_evaluation(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<EvaluationId>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(EvaluationView::from(app.knowledge.evaluation(&scope, *id).await?)))
}

/// Questions with their judgements.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "support", "mode": "hybrid", "k": 10, "queries": [
    {"id": "keys", "query": "how do I rotate a key?", "judgements": [{"document_id": 7, "relevance": 2}, {"document": "docs/keys.md"}]}]}))]
pub(super) struct EvaluateKnowledge {
    /// Runs of the same name are compared; `default` without.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// `hybrid`, `keyword` or `vector`; `hybrid` without.
    mode: Option<String>,
    /// Documents that count, 1 to 50; 10 without.
    #[schema(minimum = 1, maximum = 50)]
    k: Option<i64>,
    /// The questions, 1 to 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    queries: Vec<JudgedQueryBody>,
}

/// A question and what answers it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgedQueryBody {
    /// What you call it: it comes back with the question's figures.
    #[schema(value_type = Option<String>, example = "keys")]
    id: Option<Value>,
    query: String,
    /// 1 to 200 documents.
    #[schema(min_items = 1, max_items = 200)]
    judgements: Vec<JudgementBody>,
}

/// A document that answers, or is known not to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgementBody {
    /// The document.
    document_id: Option<i64>,
    /// Its file name or its path in the repository, where its id is not known.
    document: Option<String>,
    /// How well it answers, 0 to 100; 1 without. It counts as it is: 2 is worth twice as much as 1.
    #[schema(minimum = 0, maximum = 100)]
    relevance: Option<i64>,
}

impl From<JudgedQueryBody> for QueryFields {
    fn from(body: JudgedQueryBody) -> Self {
        let named = |one: JudgementBody| {
            let document = one.document_id.map(|id| id.to_string()).or(one.document).unwrap_or_default();
            (document, one.relevance.unwrap_or(1))
        };
        let id = body.id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        Self { id, query: body.query, judgements: body.judgements.into_iter().map(named).collect() }
    }
}

/// An evaluation that was run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvaluationView {
    #[schema(value_type = i64)]
    id: EvaluationId,
    name: String,
    #[schema(value_type = String, example = "hybrid")]
    mode: SearchMode,
    /// Documents that counted.
    k: usize,
    /// The mean over the questions.
    #[serde(flatten)]
    measures: MeasuresView,
    /// The run of the same name before it; none for the first.
    previous: Option<PreviousView>,
    /// This run less that one.
    difference: Option<MeasuresView>,
    queries: Vec<OutcomeView>,
    created_at: DateTime<Utc>,
}

/// How well documents were ranked, each from 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MeasuresView {
    ndcg: f64,
    recall: f64,
    mrr: f64,
}

/// The run before.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviousView {
    #[schema(value_type = i64)]
    id: EvaluationId,
    #[serde(flatten)]
    measures: MeasuresView,
}

/// How one question was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutcomeView {
    /// What its author calls it.
    id: Option<String>,
    query: String,
    #[serde(flatten)]
    measures: MeasuresView,
    /// The file names or paths of the documents found, best first.
    found: Vec<String>,
    /// Documents that answer and were not found.
    missed: Vec<String>,
}

impl From<Measures> for MeasuresView {
    fn from(measures: Measures) -> Self {
        let Measures { ndcg, recall, mrr } = measures;
        Self { ndcg, recall, mrr }
    }
}

impl From<QueryOutcome> for OutcomeView {
    fn from(outcome: QueryOutcome) -> Self {
        let QueryOutcome { id, query, measures, found, missed } = outcome;
        Self { id, query, measures: measures.into(), found, missed }
    }
}

impl From<Evaluation> for EvaluationView {
    fn from(evaluation: Evaluation) -> Self {
        let Evaluation { id, name, mode, depth, measures, queries, before, created_at } = evaluation;
        let queries = queries.into_iter().map(OutcomeView::from).collect();
        let previous = before.map(|(id, past)| PreviousView { id, measures: past.into() });
        let difference = before.map(|(_, past)| measures.minus(past).into());
        Self { id, name, mode, k: depth, measures: measures.into(), previous, difference, queries, created_at }
    }
}
