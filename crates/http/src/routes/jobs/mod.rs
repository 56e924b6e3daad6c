//! Jobs.

mod archive;
mod audience;
#[cfg(test)]
mod audience_tests;
mod frame;
mod inspect;
mod operate;
mod reader;
mod socket;
mod view;

use actix_web::{HttpResponse, delete, get, post, web};
use commandcenter_domain::PageRequest;
use commandcenter_domain::job::{JobFilter, JobKind, JobSort, JobStatus, QueueName, Window};
use commandcenter_domain::shared::{Checker, Invalid, JobId, Sort};
use commandcenter_services::job::{JobRequest, NewJobInput};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
pub(crate) use audience::Audiences;
use view::{JobProgressView, JobStatisticsView, JobView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(active).service(summary).configure(operate::configure).configure(inspect::configure);
    // Before `/jobs/{id}`, which would take its name for an id.
    config.configure(archive::configure);
    config.service(get).service(remove).service(dispatch).service(cancel).service(progress).configure(socket::configure);
}

/// A job to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"job_type": "repository_sync", "parameters": {"repository_id": 1}}))]
struct CreateJob {
    /// `repository_sync`, `knowledge_ingest` or `source_sync`.
    job_type: String,
    /// `{"repository_id": 1}`, `{"document_id": 1}` or `{"source_id": 1}`.
    #[schema(value_type = Object)]
    parameters: Option<Map<String, Value>>,
    /// Free labels.
    #[schema(value_type = Object)]
    tags: Option<Map<String, Value>>,
    /// 1 (last) to 10 (first); 5 if left out.
    #[schema(minimum = 1, maximum = 10, default = 5)]
    priority: Option<i32>,
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListJobs {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `created_at` or `completed_at`; with `-` in front the other way. Newest first if left out.
    sort: Option<String>,
    /// `pending`, `running`, `retrying`, `completed`, `failed`, `cancelled` or `dead`.
    status: Option<String>,
    /// The same as `status`.
    status_filter: Option<String>,
    /// `repository_sync`, `knowledge_ingest`, `batch_import`, `import_rows`, `source_sync` or `knowledge_reembed`.
    job_type: Option<String>,
    /// `default`, `sync`, `ingest`, `ai`, `export` or `webhooks`.
    queue: Option<String>,
    /// The children of this batch.
    parent_id: Option<i64>,
}

impl ListJobs {
    fn filter(&self) -> Result<JobFilter, Invalid> {
        let mut check = Checker::new();
        let mut status = Vec::new();
        for (field, text) in [("status", &self.status), ("status_filter", &self.status_filter)] {
            status.extend(text.as_deref().and_then(|text| check.choice(field, text, JobStatus::parse)));
        }
        // Both given are both to hold.
        if let [first, second] = status[..]
            && first != second
        {
            check.note("status_filter", "contradiction", "says something else than status");
        }
        let kind = self.job_type.as_deref().and_then(|text| check.choice("job_type", text, JobKind::parse));
        let queue = self.queue.as_deref().and_then(|text| check.choice("queue", text, QueueName::parse));
        check.finish(JobFilter { status, kind, queue, parent: self.parent_id.map(JobId::new) })
    }
}

/// When a job is sent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DispatchJob {
    /// Seconds from now until it may start; at most a year.
    #[param(minimum = 0, default = 0)]
    delay_seconds: Option<i64>,
}

/// The project's jobs, newest first unless sorted otherwise.
#[utoipa::path(tag = "jobs", params(ListJobs), responses((status = 200, description = "Jobs", body = PageView<JobView>)))]
#[get("/jobs")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListJobs>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), JobSort::parse)?;
    let page = app.jobs.list(&scope, &query.filter()?, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<JobView>::from(page)))
}

/// Creates a job that waits to be dispatched.
#[utoipa::path(tag = "jobs", request_body = CreateJob, responses(
    (status = 201, description = "The job", body = JobView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "What it is to work on is not in the project: `repository-not-found`, `document-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`unknown-job-type`, or `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateJob>) -> Result<HttpResponse, Problem> {
    let CreateJob { job_type, parameters, tags, priority } = body;
    let input = NewJobInput { job_type, parameters: parameters.unwrap_or_default(), tags: tags.unwrap_or_default(), priority };
    let job = app.jobs.create(&scope, JobRequest::parse(input)?).await?;
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(JobView::from(job)))
}

/// The jobs that have not ended: pending, running and retrying.
#[utoipa::path(tag = "jobs", params(PageQuery), responses((status = 200, description = "Jobs", body = PageView<JobView>)))]
#[get("/jobs/active/list")]
async fn active(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.jobs.active(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<JobView>::from(page)))
}

/// How far back figures look.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Summary {
    /// `1h`, `24h`, `7d` or `30d`; all jobs if left out.
    window: Option<String>,
}

/// How the project's jobs stand.
#[utoipa::path(tag = "jobs", params(Summary), responses((status = 200, description = "Figures", body = JobStatisticsView)))]
#[get("/jobs/statistics/summary")]
async fn summary(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<Summary>) -> Result<HttpResponse, Problem> {
    let mut check = Checker::new();
    let window = query.window.as_deref().and_then(|text| check.choice("window", text, Window::parse));
    let statistics = app.jobs.statistics(&scope, check.finish(window)?).await?;
    Ok(HttpResponse::Ok().json(JobStatisticsView::from(statistics)))
}

/// One job, from the archive if it is there.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 200, description = "The job", body = JobView),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let found = app.jobs.look_up(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::Ok().json(JobView::from(found)))
}

/// Deletes a job that does not run.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It runs: `job-running`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/jobs/{id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    app.jobs.delete(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sends a job on its way. One that was sent before stays as it is: it runs once.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job"), DispatchJob), responses(
    (status = 200, description = "The job", body = JobView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was cancelled: `job-finished`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/{id}/dispatch")]
async fn dispatch(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<i64>,
    Query(query): Query<DispatchJob>,
) -> Result<HttpResponse, Problem> {
    let job = app.jobs.dispatch(&scope, JobId::new(*id), query.delay_seconds.unwrap_or(0)).await?;
    Ok(HttpResponse::Ok().json(JobView::from(job)))
}

/// Cancels a job: at once when it waits, within two seconds when it runs.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 200, description = "The job; `cancel_requested` is set while its run stops", body = JobView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended: `job-finished`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/{id}/cancel")]
async fn cancel(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let job = app.jobs.cancel(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::Ok().json(JobView::from(job)))
}

/// How far a job is.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 200, description = "Its progress", body = JobProgressView),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/{id}/progress")]
async fn progress(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let found = app.jobs.look_up(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::Ok().json(JobProgressView::from(found)))
}
