//! Health: is the process alive, can it serve, and how are its parts.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, get, web};
use commandcenter_domain::health::{Component, HealthStatus};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(health).service(live).service(ready).service(detailed);
}

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
struct LiveView {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version that runs.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const LIVE: LiveView = LiveView { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// The same as live.
#[utoipa::path(tag = "health", responses((status = 200, description = "The process runs", body = LiveView)), security())]
#[get("/health")]
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(LIVE)
}

/// Whether the process runs. Asks nothing of any other part.
#[utoipa::path(tag = "health", responses((status = 200, description = "The process runs", body = LiveView)), security())]
#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(LIVE)
}

/// Whether requests can be served: the database answers.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Ready", body = LiveView),
    (status = 503, description = "The database is away: `not-ready`", body = Problem),
), security())]
#[get("/health/ready")]
async fn ready(app: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    if app.health.is_ready().await {
        return Ok(HttpResponse::Ok().json(LIVE));
    }
    let detail = "the database is not reachable".to_owned();
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", Some(detail));
    Err(problem.with_header(header::RETRY_AFTER, HeaderValue::from_static("5")))
}

/// How the parts are.
#[derive(Debug, Serialize, ToSchema)]
struct HealthView {
    /// The worst of the parts that matter.
    #[schema(value_type = String, example = "healthy")]
    status: HealthStatus,
    /// The version that runs.
    version: &'static str,
    /// Seconds since the process started.
    uptime_seconds: i64,
    /// Each part by name: database, queue, model, github, and redis where it is configured.
    components: BTreeMap<&'static str, ComponentView>,
}

/// How one part is.
#[derive(Debug, Serialize, ToSchema)]
struct ComponentView {
    /// `healthy`, `degraded`, `unhealthy` or `not_configured`.
    #[schema(value_type = String, example = "healthy")]
    status: HealthStatus,
    /// Why, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Figures of this part.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    details: Map<String, Value>,
}

impl From<Component> for ComponentView {
    fn from(component: Component) -> Self {
        let Component { status, message, details } = component;
        Self { status, message, details }
    }
}

/// Every part of the system: database, queue, model, GitHub, and Redis where it is configured.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Healthy or degraded", body = HealthView),
    (status = 503, description = "A part the system cannot do without is unhealthy", body = HealthView),
), security())]
#[get("/health/detailed")]
async fn detailed(app: web::Data<AppState>) -> HttpResponse {
    let whole = app.health.detailed().await;
    let status = if whole.status == HealthStatus::Unhealthy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    HttpResponse::build(status).json(HealthView {
        status: whole.status,
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: whole.uptime_seconds,
        components: whole.components.into_iter().map(|(name, part)| (name, ComponentView::from(part))).collect(),
    })
}
