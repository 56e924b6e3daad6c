//! Metrics in Prometheus' text format.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(metrics);
}

/// Everything the process counts, in Prometheus' text format.
#[utoipa::path(tag = "health", responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")), security())]
#[get("/metrics")]
async fn metrics(app: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render())
}
