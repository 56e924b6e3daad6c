//! Batches: work on many things at once.

mod body;
mod view;

use actix_web::{HttpResponse, get, post, web};
use commandcenter_domain::shared::JobId;
use commandcenter_services::batch::ImportRequest;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use body::ImportTechnologies;
use view::{BatchStatisticsView, BatchView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(analyze).service(export).service(import).service(statistics).service(get);
}

/// Analyses many repositories. Nothing here does so yet: always refused.
#[utoipa::path(tag = "batch", responses(
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Nothing does this: `unknown-job-type`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/batch/analyze")]
async fn analyze(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    app.batches.refuse(&scope, "batch_analysis")?;
    Ok(HttpResponse::NoContent().finish())
}

/// Exports many analyses. Nothing here does so yet: always refused.
#[utoipa::path(tag = "batch", responses(
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Nothing does this: `unknown-job-type`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/batch/export")]
async fn export(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    app.batches.refuse(&scope, "batch_export")?;
    Ok(HttpResponse::NoContent().finish())
}

/// Imports technologies by jobs. Every row is checked before anything is written; `dry_run` tells what would happen.
#[utoipa::path(tag = "batch", request_body = ImportTechnologies, responses(
    (status = 200, description = "What would happen, of a dry run", body = BatchView),
    (status = 202, description = "The batch; `Location` shows how it goes", body = BatchView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`validation`, with `technologies[<index>].<field>` of every broken rule", body = Problem,
        content_type = "application/problem+json"),
))]
#[post("/batch/import")]
async fn import(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<ImportTechnologies>) -> Result<HttpResponse, Problem> {
    app.batches.require_right(&scope)?;
    let is_dry = body.dry_run.unwrap_or(false);
    let request = ImportRequest::parse(body.read(&scope)?)?;
    if is_dry {
        return Ok(HttpResponse::Ok().json(BatchView::preview(app.batches.preview(&scope, &request).await?)));
    }
    let batch = app.batches.import(&scope, request).await?;
    let location = format!("/api/v1/batch/jobs/{}", batch.job.id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(BatchView::from(batch)))
}

/// How the project's batches stand.
#[utoipa::path(tag = "batch", responses((status = 200, description = "Figures", body = BatchStatisticsView)))]
#[get("/batch/statistics")]
async fn statistics(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(BatchStatisticsView::from(app.batches.statistics(&scope).await?)))
}

/// A batch, with a page of what became of its items. `/jobs/{id}/cancel` stops it, `/jobs/{id}/retry` sends round again what failed.
#[utoipa::path(tag = "batch", params(PageQuery, ("id" = i64, Path, description = "The batch's job")), responses(
    (status = 200, description = "The batch", body = BatchView),
    (status = 404, description = "Not a batch of the project: `batch-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/batch/jobs/{id}")]
async fn get(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<i64>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let batch = app.batches.get(&scope, JobId::new(*id), query.request()?).await?;
    Ok(HttpResponse::Ok().json(BatchView::from(batch)))
}
