//! Evaluations of the knowledge base: a project's own questions, judged.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::knowledge::{Evaluation, Measures, NewEvaluation, QueryFields, QueryOutcome, SearchMode};
use commandcenter_domain::shared::{Checker, EvaluationId};
use serde::{Deserialize, Serialize};
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
#[schema(example = json!({"name": "support", "queries": [{"query": "how do I rotate a key?", "relevant": [{"document": "docs/keys.md", "grade": 2}]}]}))]
pub(super) struct EvaluateKnowledge {
    /// Runs of the same name are compared; `default` without.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// `hybrid`, `keyword` or `vector`; `hybrid` without.
    mode: Option<String>,
    /// Documents that count, 1 to 50; 10 without.
    #[schema(minimum = 1, maximum = 50)]
    k: Option<i64>,
    /// The questions, 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    queries: Vec<JudgedQueryBody>,
}

/// A question and what answers it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgedQueryBody {
    query: String,
    /// 1 to 200 documents.
    #[schema(min_items = 1, max_items = 200)]
    relevant: Vec<JudgementBody>,
}

/// A document that answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgementBody {
    /// Its file name, its path in the repository, or its id.
    document: String,
    /// How well it answers, 0 to 10; 1 without.
    #[schema(minimum = 0, maximum = 10)]
    grade: Option<i64>,
}

impl From<JudgedQueryBody> for QueryFields {
    fn from(body: JudgedQueryBody) -> Self {
        let relevant = body.relevant.into_iter().map(|one| (one.document, one.grade.unwrap_or(1))).collect();
        Self { query: body.query, relevant }
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
    measures: MeasuresView,
    /// The run of the same name before it; absent for the first.
    before: Option<ComparisonView>,
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

/// What changed since the run before.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ComparisonView {
    #[schema(value_type = i64)]
    id: EvaluationId,
    measures: MeasuresView,
    /// This run less that one.
    change: MeasuresView,
}

/// How one question was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutcomeView {
    query: String,
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
        let QueryOutcome { query, measures, found, missed } = outcome;
        Self { query, measures: measures.into(), found, missed }
    }
}

impl From<Evaluation> for EvaluationView {
    fn from(evaluation: Evaluation) -> Self {
        let Evaluation { id, name, mode, depth, measures, queries, before, created_at } = evaluation;
        let compared =
            |(id, past): (EvaluationId, Measures)| ComparisonView { id, measures: past.into(), change: measures.minus(past).into() };
        let queries = queries.into_iter().map(OutcomeView::from).collect();
        Self { id, name, mode, k: depth, measures: measures.into(), before: before.map(compared), queries, created_at }
    }
}
