//! Research tasks.

mod body;
mod documents;
mod view;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use commandcenter_domain::research::{Task, TaskFilter, TaskFilterInput, TaskSort};
use commandcenter_domain::shared::{Invalid, PageRequest, Sort, TaskId};
use commandcenter_services::research::Move;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{IfMatch, Json, Query, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use body::{CreateTask, ListTasks, OverdueQuery, OverviewQuery, ProgressQuery, StatusQuery, UpcomingQuery, UpdateTask};
pub(super) use view::OverviewView;
use view::TaskView;

/// Rows per page of the lists by date, when none is asked for.
const BY_DATE: i64 = 100;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(overview).service(upcoming).service(overdue);
    config.service(get).service(update).service(remove).service(set_status).service(set_progress);
    config.configure(documents::configure);
}

fn shown(task: Task) -> HttpResponse {
    let view = TaskView::from(task);
    HttpResponse::Ok().insert_header(etag(view.version)).json(view)
}

/// The project's research tasks.
#[utoipa::path(tag = "research-tasks", params(ListTasks), responses((status = 200, description = "Tasks", body = PageView<TaskView>)))]
#[get("/research-tasks")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListTasks>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), TaskSort::parse)?;
    let filter = TaskFilter::parse(&TaskFilterInput {
        status: query.status.as_deref(),
        technology_id: query.technology_id,
        repository_id: query.repository_id,
        assigned_to: query.assigned_to.as_deref(),
        search: query.search.as_deref(),
        due_before: query.due_before.as_deref(),
        due_after: query.due_after.as_deref(),
    })?;
    let page = app.research.list(&scope, &filter, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<TaskView>::from(page)))
}

/// Makes a research task.
#[utoipa::path(tag = "research-tasks", request_body = CreateTask, responses(
    (status = 201, description = "The task", body = TaskView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "What it refers to is not in this project: `technology-not-found`, `repository-not-found`", body = Problem,
        content_type = "application/problem+json"),
))]
#[post("/research-tasks")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateTask>) -> Result<HttpResponse, Problem> {
    let view = TaskView::from(app.research.create(&scope, body.into()).await?);
    let location = format!("/api/v1/research-tasks/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// Figures over the project's tasks.
#[utoipa::path(tag = "research-tasks", params(OverviewQuery), responses((status = 200, description = "Figures", body = OverviewView)))]
#[get("/research-tasks/statistics/overview")]
async fn overview(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<OverviewQuery>) -> Result<HttpResponse, Problem> {
    let OverviewQuery { technology_id, repository_id } = query;
    let filter = TaskFilter::parse(&TaskFilterInput { technology_id, repository_id, ..TaskFilterInput::default() })?;
    let overview = app.research.overview(&scope, &filter).await?;
    Ok(HttpResponse::Ok().json(OverviewView::from(overview)))
}

/// Tasks due within the coming days, pending or in progress, the earliest first.
#[utoipa::path(tag = "research-tasks", params(UpcomingQuery), responses((status = 200, description = "Tasks", body = PageView<TaskView>)))]
#[get("/research-tasks/upcoming/list")]
async fn upcoming(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<UpcomingQuery>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit.or(Some(BY_DATE)))?;
    let page = app.research.upcoming(&scope, query.days, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<TaskView>::from(page)))
}

/// Tasks past their date, neither completed nor cancelled, the longest overdue first.
#[utoipa::path(tag = "research-tasks", params(OverdueQuery), responses((status = 200, description = "Tasks", body = PageView<TaskView>)))]
#[get("/research-tasks/overdue/list")]
async fn overdue(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<OverdueQuery>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit.or(Some(BY_DATE)))?;
    let page = app.research.overdue(&scope, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<TaskView>::from(page)))
}

/// One research task.
#[utoipa::path(tag = "research-tasks", params(("id" = i64, Path, description = "The task")), responses(
    (status = 200, description = "The task", body = TaskView, headers(("etag" = String))),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/research-tasks/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<TaskId>) -> Result<HttpResponse, Problem> {
    Ok(shown(app.research.get(&scope, *id).await?))
}

/// Changes a research task. With `If-Match` only if it still has that version.
#[utoipa::path(tag = "research-tasks", request_body = UpdateTask,
    params(("id" = i64, Path, description = "The task"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 200, description = "The task", body = TaskView, headers(("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `research-task-not-found`, `technology-not-found`, `repository-not-found`", body = Problem,
        content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/research-tasks/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    (id, condition): (web::Path<TaskId>, IfMatch),
    Json(body): Json<UpdateTask>,
) -> Result<HttpResponse, Problem> {
    Ok(shown(app.research.update(&scope, *id, body.into(), &condition.0).await?))
}

/// Deletes a research task with its files.
#[utoipa::path(tag = "research-tasks",
    params(("id" = i64, Path, description = "The task"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/research-tasks/{id}")]
async fn remove(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TaskId>,
    IfMatch(condition): IfMatch,
) -> Result<HttpResponse, Problem> {
    app.research.delete(&scope, *id, &condition).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes a task's status. `completed` sets progress and time of completion; any other clears the latter.
#[utoipa::path(tag = "research-tasks", params(StatusQuery, ("id" = i64, Path, description = "The task")), responses(
    (status = 200, description = "The task", body = TaskView, headers(("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/research-tasks/{id}/status")]
async fn set_status(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TaskId>,
    Query(query): Query<StatusQuery>,
) -> Result<HttpResponse, Problem> {
    let status = query.new_status.ok_or_else(|| Invalid::one("new_status", "required", "is required"))?;
    Ok(shown(app.research.advance(&scope, *id, Move::Status(status)).await?))
}

/// Changes a task's progress. 100 completes it.
#[utoipa::path(tag = "research-tasks", params(ProgressQuery, ("id" = i64, Path, description = "The task")), responses(
    (status = 200, description = "The task", body = TaskView, headers(("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/research-tasks/{id}/progress")]
async fn set_progress(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TaskId>,
    Query(query): Query<ProgressQuery>,
) -> Result<HttpResponse, Problem> {
    let progress = query.progress_percentage.ok_or_else(|| Invalid::one("progress_percentage", "required", "is required"))?;
    Ok(shown(app.research.advance(&scope, *id, Move::Progress(progress)).await?))
}
