//! Operating jobs: round again, many at once, and the queues.

use actix_web::{HttpResponse, get, post, web};
use commandcenter_domain::job::{BulkFilter, JobError, JobKind, JobStatus, QueueFigures, QueueName};
use commandcenter_domain::shared::{Checker, Invalid, JobId};
use commandcenter_services::job::{Bulk, Switch};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::JobView;
use crate::extract::{Auth, Json, Scope};
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(queues).service(pause).service(resume);
    config.service(retry_all).service(cancel_all).service(discard).service(retry);
}

/// Most ids that a request may name.
const MOST_IDS: usize = 1000;

/// Which jobs; what is given combines with AND, and something must be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": ["dead"], "job_type": "repository_sync"}))]
struct WhichJobs {
    /// Those in one of these states; without it those that the operation is usually for.
    status: Option<Vec<String>>,
    /// Those of this type.
    job_type: Option<String>,
    /// Those of this queue.
    queue: Option<String>,
    /// Those with these ids; at most 1,000.
    ids: Option<Vec<i64>>,
    /// The children of this batch.
    parent_id: Option<i64>,
}

impl WhichJobs {
    fn filter(self) -> Result<BulkFilter, Invalid> {
        let Self { status, job_type, queue, ids, parent_id } = self;
        let mut check = Checker::new();
        if status.is_none() && job_type.is_none() && queue.is_none() && ids.is_none() && parent_id.is_none() {
            check.note("status", "required", "name jobs by status, job_type, queue, ids or parent_id");
        }
        for (field, empty) in [("status", status.as_ref().is_some_and(Vec::is_empty)), ("ids", ids.as_ref().is_some_and(Vec::is_empty))] {
            if empty {
                check.note(field, "too_short", "must not be empty");
            }
        }
        if ids.as_ref().is_some_and(|ids| ids.len() > MOST_IDS) {
            check.note("ids", "too_long", format!("must name at most {MOST_IDS} jobs"));
        }
        let status = status.unwrap_or_default().iter().filter_map(|text| check.choice("status", text, JobStatus::parse)).collect();
        let kind = job_type.and_then(|text| check.choice("job_type", &text, JobKind::parse));
        let queue = queue.and_then(|text| check.choice("queue", &text, QueueName::parse));
        let ids = ids.unwrap_or_default().into_iter().map(JobId::new).collect();
        check.finish(BulkFilter { status, kind, queue, ids, parents: parent_id.map(JobId::new).into_iter().collect() })
    }
}

/// How many jobs an operation touched.
#[derive(Serialize, ToSchema)]
struct CountView {
    count: u64,
}

/// How a queue stands, over all projects.
#[derive(Serialize, ToSchema)]
struct QueueView {
    #[schema(value_type = String, example = "sync")]
    name: QueueName,
    /// Whether an operator stopped its claims.
    paused: bool,
    /// Jobs that may start now.
    ready: u64,
    /// Jobs that start later.
    delayed: u64,
    /// Jobs that run.
    running: u64,
    /// Workers that run them.
    workers: u64,
    /// Seconds since the job that waits longest might have started.
    oldest_ready_seconds: Option<f64>,
    /// Attempts that ended within the last minute.
    finished_per_minute: u64,
}

impl From<QueueFigures> for QueueView {
    fn from(figures: QueueFigures) -> Self {
        let QueueFigures { queue, paused, ready, delayed, running, workers, oldest_ready_seconds, finished_per_minute } = figures;
        Self { name: queue, paused, ready, delayed, running, workers, oldest_ready_seconds, finished_per_minute }
    }
}

/// Every queue.
#[derive(Serialize, ToSchema)]
struct QueuesView {
    items: Vec<QueueView>,
}

/// How the queues of the instance stand: numbers over all projects, and nothing of what is in them.
#[utoipa::path(tag = "jobs", responses((status = 200, description = "Every queue", body = QueuesView)))]
#[get("/jobs/queues")]
async fn queues(app: web::Data<AppState>, _scope: Scope) -> Result<HttpResponse, Problem> {
    let items = app.jobs.queues().await?.into_iter().map(QueueView::from).collect();
    Ok(HttpResponse::Ok().json(QueuesView { items }))
}

/// Stops claims from a queue; what runs goes on.
#[utoipa::path(tag = "queues", params(("name" = String, Path, description = "The queue")), responses(
    (status = 200, description = "The queue", body = QueueView),
    (status = 403, description = "Not an administrator of the instance: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such queue: `queue-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/queues/{name}/pause")]
async fn pause(app: web::Data<AppState>, caller: Auth, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    switched(&app, &caller, &name, Switch::Pause).await
}

/// Allows claims from a queue again.
#[utoipa::path(tag = "queues", params(("name" = String, Path, description = "The queue")), responses(
    (status = 200, description = "The queue", body = QueueView),
    (status = 403, description = "Not an administrator of the instance: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such queue: `queue-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/queues/{name}/resume")]
async fn resume(app: web::Data<AppState>, caller: Auth, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    switched(&app, &caller, &name, Switch::Resume).await
}

async fn switched(app: &AppState, Auth(caller): &Auth, name: &str, switch: Switch) -> Result<HttpResponse, Problem> {
    if !caller.manages_instance() {
        return Err(JobError::NotAdmin.into());
    }
    let queue = QueueName::parse(name).ok_or_else(|| JobError::NoQueue(name.to_owned()))?;
    let figures = app.jobs.set_paused(caller, queue, switch).await?;
    Ok(HttpResponse::Ok().json(QueueView::from(figures)))
}

/// Sends a failed, dead or cancelled job round again; of a batch, the children that did not complete.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job")), responses(
    (status = 200, description = "The job, which waits again", body = JobView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "`job-not-retryable`, or `job-key-taken` while another job does the same", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/{id}/retry")]
async fn retry(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let job = app.jobs.retry(&scope, JobId::new(*id)).await?;
    Ok(HttpResponse::Ok().json(JobView::from(job)))
}

/// Sends many jobs round again: failed and dead ones unless `status` says otherwise.
#[utoipa::path(tag = "jobs", request_body = WhichJobs, responses(
    (status = 200, description = "How many", body = CountView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/retry")]
async fn retry_all(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<WhichJobs>) -> Result<HttpResponse, Problem> {
    let count = app.jobs.bulk(&scope, Bulk::Retry, body.filter()?).await?;
    Ok(HttpResponse::Ok().json(CountView { count }))
}

/// Cancels many jobs: all that have not ended unless `status` says otherwise.
#[utoipa::path(tag = "jobs", request_body = WhichJobs, responses(
    (status = 200, description = "How many", body = CountView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/cancel")]
async fn cancel_all(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<WhichJobs>) -> Result<HttpResponse, Problem> {
    let count = app.jobs.bulk(&scope, Bulk::Cancel, body.filter()?).await?;
    Ok(HttpResponse::Ok().json(CountView { count }))
}

/// Deletes many ended jobs: dead ones unless `status` says otherwise.
#[utoipa::path(tag = "jobs", request_body = WhichJobs, responses(
    (status = 200, description = "How many", body = CountView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/jobs/discard")]
async fn discard(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<WhichJobs>) -> Result<HttpResponse, Problem> {
    let count = app.jobs.bulk(&scope, Bulk::Discard, body.filter()?).await?;
    Ok(HttpResponse::Ok().json(CountView { count }))
}
