//! The knowledge base: questions and documents.

mod address;
mod answer;
mod answer_view;
mod archive;
mod evaluations;
mod file;
mod file_view;
mod hit_view;
mod list_query;
mod question;
mod settings;
mod stale_view;
mod upload;
mod view;

use actix_web::{HttpResponse, delete, get, post, web};
use commandcenter_domain::knowledge::DocumentSort;
use commandcenter_domain::shared::{Direction, DocumentId, PageRequest, Sort};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use list_query::ListDocuments;
use question::{AnswerView, QueryKnowledge};
use view::{CategoriesView, ChunkView, CollectionsView, DocumentContentView, DocumentView, StatisticsView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(ask).service(answer::answer).service(upload::upload).service(list).service(get).service(chunks).service(remove);
    config.service(address::add);
    config.service(file::edit).service(file::versions);
    config.service(statistics).service(categories).service(collections);
    config.service(archive::export).service(archive::import);
    evaluations::configure(config);
    settings::configure(config);
}

/// Answers a question with passages: by words, by meaning, or both fused. Without an embedding model the search goes by words and says so.
#[utoipa::path(tag = "knowledge", request_body = QueryKnowledge, responses(
    (status = 200, description = "The passages that answer, best first", body = AnswerView),
))]
#[post("/knowledge/query")]
async fn ask(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<QueryKnowledge>) -> Result<HttpResponse, Problem> {
    let began = std::time::Instant::now();
    let question = question::parse(&body)?;
    let answer = app.knowledge.query(&scope, &question).await?;
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(HttpResponse::Ok().json(AnswerView::new(answer, &question, (body, took_ms))))
}

/// The documents of the knowledge base.
#[utoipa::path(tag = "knowledge", params(ListDocuments), responses(
    (status = 200, description = "Documents", body = PageView<DocumentView>),
))]
#[get("/knowledge/documents")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListDocuments>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let newest = Sort { key: DocumentSort::CreatedAt, direction: Direction::Descending };
    let sort = Sort::parse(query.sort.as_deref(), DocumentSort::parse)?.unwrap_or(newest);
    let page = app.knowledge.list(&scope, &query.filter()?, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<DocumentView>::from(page)))
}

/// One document with its normalised text.
#[utoipa::path(tag = "knowledge", params(("id" = i64, Path, description = "The document")), responses(
    (status = 200, description = "The document", body = DocumentContentView),
    (status = 404, description = "Not in this project: `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/knowledge/documents/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<DocumentId>) -> Result<HttpResponse, Problem> {
    let (document, content) = app.knowledge.get_with_text(&scope, *id).await?;
    Ok(HttpResponse::Ok().json(DocumentContentView { document: DocumentView::from(document), content }))
}

/// The passages of a document, in order.
#[utoipa::path(tag = "knowledge", params(PageQuery, ("id" = i64, Path, description = "The document")), responses(
    (status = 200, description = "Passages", body = PageView<ChunkView>),
    (status = 404, description = "Not in this project: `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/knowledge/documents/{id}/chunks")]
async fn chunks(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<DocumentId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.knowledge.chunks(&scope, *id, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<ChunkView>::from(page)))
}

/// Removes a document with every trace: text, passages, index entries, vectors, waiting bytes.
#[utoipa::path(tag = "knowledge", params(("id" = i64, Path, description = "The document")), responses(
    (status = 204, description = "Removed"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/knowledge/documents/{id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<DocumentId>) -> Result<HttpResponse, Problem> {
    app.knowledge.delete(&scope, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The knowledge base in numbers.
#[utoipa::path(tag = "knowledge", responses((status = 200, description = "Numbers", body = StatisticsView)))]
#[get("/knowledge/statistics")]
async fn statistics(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(StatisticsView::from(app.knowledge.statistics(&scope).await?)))
}

/// The categories in use, by name.
#[utoipa::path(tag = "knowledge", responses((status = 200, description = "Categories", body = CategoriesView)))]
#[get("/knowledge/categories")]
async fn categories(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(CategoriesView::from(app.knowledge.categories(&scope).await?)))
}

/// Where documents came from: uploads, and each repository.
#[utoipa::path(tag = "knowledge", responses((status = 200, description = "Collections", body = CollectionsView)))]
#[get("/knowledge/collections")]
async fn collections(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(CollectionsView::from(app.knowledge.collections(&scope).await?)))
}
