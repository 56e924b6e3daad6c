//! Answers that are kept.

use actix_web::{HttpResponse, delete, get, web};
use commandcenter_domain::llm::CacheFigures;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::Scope;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(cache_figures).service(clear);
}

/// How much is kept.
#[derive(Debug, Serialize, ToSchema)]
struct CacheView {
    /// Answers that have not expired.
    answers: u64,
    /// Bytes of them.
    bytes: u64,
}

impl From<CacheFigures> for CacheView {
    fn from(figures: CacheFigures) -> Self {
        let CacheFigures { answers, bytes } = figures;
        Self { answers, bytes }
    }
}

/// How many answers of the project are kept for requests with `x-commandcenter-cache`.
#[utoipa::path(tag = "llm", responses(
    (status = 200, description = "How much is kept", body = CacheView),
))]
#[get("/llm/cache")]
async fn cache_figures(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(CacheView::from(app.llm.cache.figures(&scope).await?)))
}

/// Forgets every kept answer of the project.
#[utoipa::path(tag = "llm", operation_id = "clear_cache", responses(
    (status = 204, description = "Forgotten"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/llm/cache")]
async fn clear(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    app.llm.cache.clear(&scope).await?;
    Ok(HttpResponse::NoContent().finish())
}
