//! What a job left behind: attempts, log, children.

use actix_web::{HttpResponse, get, patch, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::job::{Attempt, AttemptOutcome, LogLevel, LogLine, Slice};
use commandcenter_domain::shared::JobId;
use commandcenter_services::job::Part;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::JobView;
use crate::extract::{PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(attempts).service(logs).service(children).service(change);
}

/// Which part of an append-only list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PartQuery {
    /// Where to go on: the `next_cursor` of the part before, or the id of the last entry seen.
    #[param(minimum = 0)]
    cursor: Option<i64>,
    /// Entries of a part.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
}

/// A part of an append-only list, oldest first.
#[derive(Debug, Serialize, ToSchema)]
struct SliceView<T> {
    items: Vec<T>,
    /// Where the next part begins; null at the end.
    next_cursor: Option<i64>,
}

impl<D, T: From<D>> From<Slice<D>> for SliceView<T> {
    fn from(slice: Slice<D>) -> Self {
        Self { items: slice.items.into_iter().map(T::from).collect(), next_cursor: slice.next_cursor }
    }
}

/// One run of a job.
#[derive(Debug, Serialize, ToSchema)]
struct AttemptView {
    /// Which attempt it counted as; a run handed back or told to wait does not count, so numbers may repeat.
    number: i32,
    worker: String,
    started_at: DateTime<Utc>,
    /// Null while it runs.
    ended_at: Option<DateTime<Utc>>,
    /// `completed`, `failed`, `retry`, `dead`, `wait`, `cancelled`, `released` or `lease_lost`.
    #[schema(value_type = Option<String>, example = "completed")]
    outcome: Option<AttemptOutcome>,
    error: Option<String>,
    error_class: Option<String>,
    duration_seconds: Option<f64>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let Attempt { fence: _, number, worker, started_at, ended_at, outcome, error, error_class } = attempt;
        let duration_seconds = ended_at.map(|ended| (ended - started_at).as_seconds_f64());
        Self { number, worker, started_at, ended_at, outcome, error, error_class, duration_seconds }
    }
}

/// A line of a job's log.
#[derive(Debug, Serialize, ToSchema)]
struct LogLineView {
    id: i64,
    at: DateTime<Utc>,
    /// `debug`, `info`, `warn` or `error`.
    #[schema(value_type = String, example = "info")]
    level: LogLevel,
    message: String,
}

impl From<LogLine> for LogLineView {
    fn from(LogLine { id, line }: LogLine) -> Self {
        Self { id, at: line.at, level: line.level, message: line.message }
    }
}

/// A job's attempts, oldest first; the one under way comes last and has no end. Of an archived job none are kept.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job"), PartQuery), responses(
    (status = 200, description = "Attempts", body = SliceView<AttemptView>),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/{id}/attempts")]
async fn attempts(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<i64>,
    Query(query): Query<PartQuery>,
) -> Result<HttpResponse, Problem> {
    let slice = app.jobs.attempts(&scope, JobId::new(*id), Part::parse(query.cursor, query.limit)?).await?;
    Ok(HttpResponse::Ok().json(SliceView::<AttemptView>::from(slice)))
}

/// A job's log, oldest first. Of an archived job nothing is kept.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job"), PartQuery), responses(
    (status = 200, description = "Lines", body = SliceView<LogLineView>),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/{id}/logs")]
async fn logs(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<i64>,
    Query(query): Query<PartQuery>,
) -> Result<HttpResponse, Problem> {
    let slice = app.jobs.log(&scope, JobId::new(*id), Part::parse(query.cursor, query.limit)?).await?;
    Ok(HttpResponse::Ok().json(SliceView::<LogLineView>::from(slice)))
}

/// The children of a batch, newest first; those of an archived batch are archived with it, and those that ended last come first.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job"), PageQuery), responses(
    (status = 200, description = "Jobs", body = PageView<JobView>),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/{id}/children")]
async fn children(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<i64>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.jobs.children(&scope, JobId::new(*id), query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<JobView>::from(page)))
}

/// Refused: a job's state is the engine's to change. Use `cancel`, `retry` or `dispatch`.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Always: `not-client-writable`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/jobs/{id}")]
async fn change(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    app.jobs.refuse_change(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
