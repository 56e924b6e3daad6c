//! API keys: personal ones, and ones bound to a project.

use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::identity::{ApiKey, Role};
use commandcenter_domain::shared::{ApiKeyId, Invalid, ProjectId};
use commandcenter_services::identity::{MintedKey, NewKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Auth, Json, PageQuery, PathAuth, PathScope, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(create).service(list).service(remove);
    config.service(create_bound).service(list_bound).service(remove_bound);
}

/// A personal key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "laptop", "expires_at": "2027-01-01T00:00:00Z"}))]
struct CreateKey {
    /// What it is for, 1 to 100 characters.
    name: String,
    /// When it stops working; never, if left out.
    expires_at: Option<DateTime<Utc>>,
}

/// A key bound to a project to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "ci", "role": "member"}))]
struct CreateBoundKey {
    /// What it is for, 1 to 100 characters.
    name: String,
    /// `viewer`, `member` (default), `maintainer` or `owner`; at most the caller's own.
    role: Option<String>,
    /// When it stops working; never, if left out.
    expires_at: Option<DateTime<Utc>>,
}

/// A key. Its text is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyView {
    #[schema(value_type = i64)]
    id: ApiKeyId,
    name: String,
    /// The start of its text, to recognise it by.
    prefix: String,
    /// The project it is bound to.
    #[schema(value_type = Option<i64>)]
    project_id: Option<ProjectId>,
    /// Its role in that project.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// The key itself, only in the answer to its making.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, user: _, name, prefix, project, role, created_at, last_used_at, expires_at } = key;
        Self { id, name, prefix, project_id: project, role, created_at, last_used_at, expires_at, key: None }
    }
}

impl From<MintedKey> for ApiKeyView {
    fn from(minted: MintedKey) -> Self {
        Self { key: Some(minted.text), ..Self::from(minted.key) }
    }
}

/// Makes a personal key: it acts as its owner in all of the owner's projects.
#[utoipa::path(tag = "api-keys", request_body = CreateKey, responses(
    (status = 201, description = "The key, with its text this once", body = ApiKeyView),
    (status = 403, description = "Called with an API key: `session-required`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/auth/api-keys")]
async fn create(app: web::Data<AppState>, Auth(caller): Auth, Json(body): Json<CreateKey>) -> Result<HttpResponse, Problem> {
    let new = NewKey::parse(&body.name, body.expires_at, app.api_keys.now())?;
    let minted = app.api_keys.create_personal(&caller, new).await?;
    let location = format!("/api/v1/auth/api-keys/{}", minted.key.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(ApiKeyView::from(minted)))
}

/// The caller's personal keys.
#[utoipa::path(tag = "api-keys", params(PageQuery), responses(
    (status = 200, description = "Keys by id", body = PageView<ApiKeyView>),
    (status = 403, description = "Called with a key bound to a project: `session-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/auth/api-keys")]
async fn list(app: web::Data<AppState>, Auth(caller): Auth, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.api_keys.list_personal(&caller, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<ApiKeyView>::from(page)))
}

/// Deletes a personal key; it stops working at once.
#[utoipa::path(tag = "api-keys", params(("id" = i64, Path, description = "The key")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Called with an API key: `session-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such key of the caller's: `api-key-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/auth/api-keys/{id}")]
async fn remove(app: web::Data<AppState>, Auth(caller): Auth, id: web::Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    app.api_keys.delete_personal(&caller, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a key bound to the project: it needs no `X-Project-ID` and opens nothing else.
#[utoipa::path(tag = "api-keys", request_body = CreateBoundKey, params(("id" = i64, Path, description = "The project")), responses(
    (status = 201, description = "The key, with its text this once", body = ApiKeyView),
    (status = 403, description = "Below maintainer: `role-too-low`; with a key: `session-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/projects/{id}/api-keys")]
async fn create_bound(
    app: web::Data<AppState>,
    PathAuth(caller, scope): PathAuth,
    Json(body): Json<CreateBoundKey>,
) -> Result<HttpResponse, Problem> {
    let new = NewKey::parse(&body.name, body.expires_at, app.api_keys.now())?;
    let role = body.role.as_deref().map_or(Some(Role::Member), Role::parse);
    let role = role.ok_or_else(|| Invalid::one("role", "unknown_value", "must be viewer, member, maintainer or owner"))?;
    let minted = app.api_keys.create_bound(&caller, &scope, (new, role)).await?;
    let location = format!("/api/v1/projects/{}/api-keys/{}", scope.project(), minted.key.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(ApiKeyView::from(minted)))
}

/// The keys bound to the project.
#[utoipa::path(tag = "api-keys", params(PageQuery, ("id" = i64, Path, description = "The project")), responses(
    (status = 200, description = "Keys by id", body = PageView<ApiKeyView>),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/projects/{id}/api-keys")]
async fn list_bound(
    app: web::Data<AppState>,
    PathScope(scope): PathScope,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.api_keys.list_bound(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<ApiKeyView>::from(page)))
}

/// Deletes a key bound to the project; it stops working at once.
#[utoipa::path(tag = "api-keys", params(("id" = i64, Path, description = "The project"), ("key_id" = i64, Path, description = "The key")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such key: `api-key-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/projects/{id}/api-keys/{key_id}")]
async fn remove_bound(
    app: web::Data<AppState>,
    PathScope(scope): PathScope,
    ids: web::Path<(ProjectId, ApiKeyId)>,
) -> Result<HttpResponse, Problem> {
    app.api_keys.delete_bound(&scope, ids.1).await?;
    Ok(HttpResponse::NoContent().finish())
}
