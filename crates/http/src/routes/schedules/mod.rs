//! Schedules of jobs.

mod body;
mod view;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use commandcenter_domain::schedule::{Cursor, ScheduleFilter, ScheduleFilterInput, ScheduleSort};
use commandcenter_domain::shared::{PageRequest, ScheduleId, ScheduleRunId, Sort};
use commandcenter_services::schedule::Force;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{IfMatch, Json, OptionalJson, PageQuery, Query, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use body::{CreateSchedule, ExecuteQuery, ExecuteSchedule, ListRuns, ListSchedules, PreviewSchedule, UpdateSchedule};
use view::{ExecutedView, PreviewView, ScheduleHealthView, ScheduleRunView, ScheduleRunsView, ScheduleStatisticsView, ScheduleView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(summary).service(due).service(health).service(preview);
    config.service(get).service(update).service(remove).service(execute).service(enable).service(disable).service(runs);
}

/// The project's schedules, newest first unless sorted otherwise.
#[utoipa::path(tag = "schedules", params(ListSchedules), responses((status = 200, description = "Schedules", body = PageView<ScheduleView>)))]
#[get("/schedules")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListSchedules>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), ScheduleSort::parse)?;
    let (task_type, frequency) = (query.task_type.as_deref(), query.frequency.as_deref());
    let filter = ScheduleFilter::parse(ScheduleFilterInput { enabled: query.enabled, task_type, frequency })?;
    let page = app.schedules.list(&scope, &filter, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<ScheduleView>::from(page)))
}

/// Makes a schedule.
#[utoipa::path(tag = "schedules", request_body = CreateSchedule, responses(
    (status = 201, description = "The schedule", body = ScheduleView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "What its jobs are to work on is not in the project: `repository-not-found`, `document-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`unknown-job-type`, or `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/schedules")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateSchedule>) -> Result<HttpResponse, Problem> {
    let created = app.schedules.create(&scope, body.into()).await?;
    let location = format!("/api/v1/schedules/{}", created.schedule.id);
    let view = ScheduleView::from(created);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// Figures over the project's schedules.
#[utoipa::path(tag = "schedules", responses((status = 200, description = "Figures", body = ScheduleStatisticsView)))]
#[get("/schedules/statistics/summary")]
async fn summary(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    let statistics = app.schedules.statistics(&scope).await?;
    Ok(HttpResponse::Ok().json(ScheduleStatisticsView::from(statistics)))
}

/// The schedules whose time has come and that no scheduler has fired yet, the longest due first.
#[utoipa::path(tag = "schedules", params(PageQuery), responses((status = 200, description = "Schedules", body = PageView<ScheduleView>)))]
#[get("/schedules/due/list")]
async fn due(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.schedules.due(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<ScheduleView>::from(page)))
}

/// Which schedules need attention, and why.
#[utoipa::path(tag = "schedules", responses((status = 200, description = "The report", body = ScheduleHealthView)))]
#[get("/schedules/health")]
async fn health(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    let report = app.schedules.health(&scope).await?;
    Ok(HttpResponse::Ok().json(ScheduleHealthView::from(report)))
}

/// The next fires of a rule, without saving it.
#[utoipa::path(tag = "schedules", request_body = PreviewSchedule, responses((status = 200, description = "The fires", body = PreviewView)))]
#[post("/schedules/preview")]
async fn preview(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<PreviewSchedule>) -> Result<HttpResponse, Problem> {
    let (timezone, next_runs) = app.schedules.preview(&scope, body.into())?;
    Ok(HttpResponse::Ok().json(PreviewView { timezone, next_runs }))
}

/// One schedule.
#[utoipa::path(tag = "schedules", params(("id" = i64, Path, description = "The schedule")), responses(
    (status = 200, description = "The schedule", body = ScheduleView, headers(("etag" = String))),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/schedules/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<ScheduleId>) -> Result<HttpResponse, Problem> {
    let view = ScheduleView::from(app.schedules.get(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes a schedule. With `If-Match` only if it still has that version.
#[utoipa::path(tag = "schedules", request_body = UpdateSchedule,
    params(("id" = i64, Path, description = "The schedule"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 200, description = "The schedule", body = ScheduleView, headers(("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `schedule-not-found`, `repository-not-found`, `document-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`unknown-job-type`, or `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/schedules/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    (id, condition): (web::Path<ScheduleId>, IfMatch),
    Json(body): Json<UpdateSchedule>,
) -> Result<HttpResponse, Problem> {
    let view = ScheduleView::from(app.schedules.update(&scope, *id, body.into(), &condition.0).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Deletes a schedule and its history. Jobs that it made stay.
#[utoipa::path(tag = "schedules",
    params(("id" = i64, Path, description = "The schedule"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/schedules/{id}")]
async fn remove(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<ScheduleId>,
    IfMatch(condition): IfMatch,
) -> Result<HttpResponse, Problem> {
    app.schedules.delete(&scope, *id, &condition).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Runs a schedule now. Its next fire stays as it is. `force` may stand in the query or in the body.
#[utoipa::path(tag = "schedules", request_body = Option<ExecuteSchedule>,
    params(("id" = i64, Path, description = "The schedule"), ExecuteQuery), responses(
    (status = 202, description = "Its job is queued", body = ExecutedView, headers(("location" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Without force: `schedule-inactive`, `schedule-running`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/schedules/{id}/execute")]
async fn execute(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<ScheduleId>,
    Query(query): Query<ExecuteQuery>,
    OptionalJson(body): OptionalJson<ExecuteSchedule>,
) -> Result<HttpResponse, Problem> {
    let force = if query.force.or(body.force) == Some(true) { Force::Yes } else { Force::No };
    let view = ExecutedView::from(app.schedules.execute(&scope, *id, force).await?);
    let location = format!("/api/v1/jobs/{}", view.job_id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(view))
}

/// Lets a schedule fire from now on. What it missed meanwhile is not made up for.
#[utoipa::path(tag = "schedules", params(("id" = i64, Path, description = "The schedule")), responses(
    (status = 200, description = "The schedule", body = ScheduleView, headers(("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It would never fire: `schedule-finished`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/schedules/{id}/enable")]
async fn enable(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<ScheduleId>) -> Result<HttpResponse, Problem> {
    let view = ScheduleView::from(app.schedules.enable(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Keeps a schedule from firing. Jobs that it made go on.
#[utoipa::path(tag = "schedules", params(("id" = i64, Path, description = "The schedule")), responses(
    (status = 200, description = "The schedule", body = ScheduleView, headers(("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/schedules/{id}/disable")]
async fn disable(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<ScheduleId>) -> Result<HttpResponse, Problem> {
    let view = ScheduleView::from(app.schedules.disable(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// A schedule's history, newest first.
#[utoipa::path(tag = "schedules", params(("id" = i64, Path, description = "The schedule"), ListRuns), responses(
    (status = 200, description = "Runs", body = ScheduleRunsView),
    (status = 404, description = "Not in this project: `schedule-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/schedules/{id}/runs")]
async fn runs(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<ScheduleId>,
    Query(query): Query<ListRuns>,
) -> Result<HttpResponse, Problem> {
    let limit = PageRequest::parse(None, query.limit)?.limit();
    // One row more than asked for tells whether any follow.
    let cursor = Cursor { before: query.cursor.map(ScheduleRunId::new), limit: limit + 1 };
    let mut runs = app.schedules.runs(&scope, *id, cursor).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = runs.len() > wanted;
    runs.truncate(wanted);
    let next_cursor = runs.last().map(|run| run.id).filter(|_| more);
    let items = runs.into_iter().map(ScheduleRunView::from).collect();
    Ok(HttpResponse::Ok().json(ScheduleRunsView { items, next_cursor }))
}
