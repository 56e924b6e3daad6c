//! Sources of documents, their runs and their items; and the door for pushes.

mod body;
mod push;
mod view;

use actix_web::{HttpResponse, delete, get, post, put, web};
use commandcenter_domain::PageRequest;
use commandcenter_domain::shared::{Checker, Sort, SourceId, SourceRunId};
use commandcenter_domain::source::{ItemState, SourceFilter, SourceKind, SourceSort};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{IfMatch, Json, PageQuery, Query, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use body::{CreateSource, ListItems, ListSources, UpdateSource};
use view::{RunAcceptedView, SourceItemView, SourceRunDetailView, SourceRunView, SourceView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(update).service(remove);
    config.service(run).service(runs).service(run_detail).service(items).service(push::push);
}

/// The project's sources.
#[utoipa::path(tag = "ingestion", params(ListSources), responses(
    (status = 200, description = "Sources", body = PageView<SourceView>),
))]
#[get("/ingestion/sources")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListSources>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), SourceSort::parse)?;
    let mut check = Checker::new();
    let kind = query.kind.as_deref().and_then(|text| check.choice("type", text, SourceKind::parse));
    let filter = check.finish(SourceFilter { kind, is_enabled: query.enabled })?;
    let page = app.sources.list(&scope, filter, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<SourceView>::from(page)))
}

/// Makes a source. Nothing is read yet: that is what `run` and its schedule are for.
#[utoipa::path(tag = "ingestion", request_body = CreateSource, responses(
    (status = 201, description = "The source", body = SourceView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below member, or with a schedule below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `source-exists`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/ingestion/sources")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateSource>) -> Result<HttpResponse, Problem> {
    let view = SourceView::from(app.sources.create(&scope, body.into()).await?);
    let location = format!("/api/v1/ingestion/sources/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// One source.
#[utoipa::path(tag = "ingestion", params(("id" = i64, Path, description = "The source")), responses(
    (status = 200, description = "The source", body = SourceView, headers(("etag" = String))),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/ingestion/sources/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<SourceId>) -> Result<HttpResponse, Problem> {
    let view = SourceView::from(app.sources.get(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes a source, pauses it (`enabled: false`) or lets it go on. A field left out stays.
#[utoipa::path(tag = "ingestion", request_body = UpdateSource, params(("id" = i64, Path, description = "The source")), responses(
    (status = 200, description = "The source", body = SourceView, headers(("etag" = String))),
    (status = 403, description = "Below member, or with a schedule below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `source-exists`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[put("/ingestion/sources/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<SourceId>,
    IfMatch(condition): IfMatch,
    Json(body): Json<UpdateSource>,
) -> Result<HttpResponse, Problem> {
    let view = SourceView::from(app.sources.update(&scope, *id, body.into(), &condition).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Deletes a source with its items, its runs, its schedule and its documents in the knowledge base.
#[utoipa::path(tag = "ingestion", params(("id" = i64, Path, description = "The source")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below member, or with a schedule below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/ingestion/sources/{id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<SourceId>) -> Result<HttpResponse, Problem> {
    app.sources.delete(&scope, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reads a source now, in a job. While one is pending or running, that one is answered.
#[utoipa::path(tag = "ingestion", params(("id" = i64, Path, description = "The source")), responses(
    (status = 202, description = "The job", body = RunAcceptedView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is paused: `source-paused`; or it is pushed to: `source-not-read`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/ingestion/sources/{id}/run")]
async fn run(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<SourceId>) -> Result<HttpResponse, Problem> {
    let (job, source) = app.sources.run(&scope, *id).await?;
    let view = RunAcceptedView { job_id: job.id, source_id: source.id, source_name: source.name };
    Ok(HttpResponse::Accepted().insert_header(("location", format!("/api/v1/jobs/{}", job.id))).json(view))
}

/// The runs of a source, newest first.
#[utoipa::path(tag = "ingestion", params(PageQuery, ("id" = i64, Path, description = "The source")), responses(
    (status = 200, description = "Runs", body = PageView<SourceRunView>),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/ingestion/sources/{id}/runs")]
async fn runs(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<SourceId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.sources.runs(&scope, *id, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<SourceRunView>::from(page)))
}

/// One run, with a page of what it could not read and why.
#[utoipa::path(tag = "ingestion", params(PageQuery, ("id" = i64, Path, description = "The source"), ("run_id" = i64, Path, description = "The run")), responses(
    (status = 200, description = "The run", body = SourceRunDetailView),
    (status = 404, description = "`source-not-found`, `source-run-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/ingestion/sources/{id}/runs/{run_id}")]
async fn run_detail(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    ids: web::Path<(SourceId, SourceRunId)>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let detail = app.sources.run_detail(&scope, *ids, query.request()?).await?;
    Ok(HttpResponse::Ok().json(SourceRunDetailView::from(detail)))
}

/// The items of a source, by URL or path.
#[utoipa::path(tag = "ingestion", params(ListItems, ("id" = i64, Path, description = "The source")), responses(
    (status = 200, description = "Items", body = PageView<SourceItemView>),
    (status = 404, description = "Not in this project: `source-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/ingestion/sources/{id}/items")]
async fn items(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<SourceId>,
    Query(query): Query<ListItems>,
) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let mut check = Checker::new();
    let state = query.state.as_deref().and_then(|text| check.choice("state", text, ItemState::parse));
    let page = app.sources.items(&scope, *id, check.finish(state)?, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<SourceItemView>::from(page)))
}
