//! What API keys may use of a project in a minute.

use actix_web::{HttpResponse, delete, get, put, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::llm::{KeyLimits, RateLimits};
use commandcenter_domain::shared::ApiKeyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(put_limits).service(remove);
}

/// What a key may use from now on; at least one of both. What is left out is not limited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"requests_per_minute": 60, "tokens_per_minute": 100_000}))]
struct PutLimits {
    /// Calls to models, 1 to 200,000.
    #[schema(minimum = 1)]
    requests_per_minute: Option<i64>,
    /// Tokens, sent and answered together, 1 to 1,000,000,000.
    #[schema(minimum = 1)]
    tokens_per_minute: Option<i64>,
}

/// What a key may use.
#[derive(Debug, Serialize, ToSchema)]
struct KeyLimitsView {
    #[schema(value_type = i64)]
    api_key_id: ApiKeyId,
    /// What the key is for.
    name: String,
    /// The start of the key's text.
    prefix: String,
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    updated_at: DateTime<Utc>,
}

impl From<KeyLimits> for KeyLimitsView {
    fn from(found: KeyLimits) -> Self {
        let KeyLimits { api_key, name, prefix, limits, updated_at } = found;
        Self { api_key_id: api_key, name, prefix, requests_per_minute: limits.requests(), tokens_per_minute: limits.tokens(), updated_at }
    }
}

/// The limits of API keys in the project.
#[utoipa::path(tag = "settings", operation_id = "list_limits", params(PageQuery), responses(
    (status = 200, description = "Limits by key", body = PageView<KeyLimitsView>),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/limits")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.llm.limits.list(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<KeyLimitsView>::from(page)))
}

/// Limits what an API key may ask of models in a minute: one of the project's own, or a personal one of a member, in this project.
/// A minute's worth may be used at once and comes back evenly. A call beyond it is 429 `rate-limited`.
#[utoipa::path(tag = "settings", request_body = PutLimits, params(("key_id" = i64, Path, description = "The key")), responses(
    (status = 200, description = "The limits", body = KeyLimitsView),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such key works in the project: `api-key-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[put("/settings/limits/{key_id}")]
async fn put_limits(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    key: web::Path<ApiKeyId>,
    Json(body): Json<PutLimits>,
) -> Result<HttpResponse, Problem> {
    let limits = RateLimits::parse(body.requests_per_minute, body.tokens_per_minute)?;
    Ok(HttpResponse::Ok().json(KeyLimitsView::from(app.llm.limits.put(&scope, *key, limits).await?)))
}

/// Takes a key's limits away.
#[utoipa::path(tag = "settings", operation_id = "remove_limits", params(("key_id" = i64, Path, description = "The key")), responses(
    (status = 204, description = "Taken away"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Without limits here: `limits-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/settings/limits/{key_id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, key: web::Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    app.llm.limits.delete(&scope, *key).await?;
    Ok(HttpResponse::NoContent().finish())
}
