//! Settings of the gateway: providers and their models, keys and roles. With `X-Project-ID` those of the project, without those of the
//! instance, which only its administrators see and change.

mod agents;
mod body;
mod limits;
mod view;

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use commandcenter_domain::PageRequest;
use commandcenter_domain::shared::ProviderId;
use commandcenter_services::llm::Setting;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{AuthScoped, IfMatch, Json, OptionalJson, PageQuery, Query, etag};
use crate::presence::while_there;
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use body::{CreateProvider, TestProvider, UpdateProvider};
use view::{ModelView, ProviderKeyView, ProviderView, TestedView, models};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(update).service(remove).service(test);
    config.service(list_models).service(keys);
    config.configure(agents::configure).configure(limits::configure);
}

/// The providers of language models: the project's own first, then the instance's.
#[utoipa::path(tag = "settings", params(PageQuery), responses(
    (status = 200, description = "Providers", body = PageView<ProviderView>),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/providers")]
async fn list(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let request = query.request()?;
    let all = app.llm.providers.list(Setting::named(&caller, scope.as_ref())).await?;
    Ok(HttpResponse::Ok().json(page::<_, ProviderView>(all, request)))
}

/// Sets a provider up. Its key is stored sealed and never shown again.
#[utoipa::path(tag = "settings", request_body = CreateProvider, responses(
    (status = 201, description = "The provider", body = ProviderView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`; without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `provider-exists`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/settings/providers")]
async fn create(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Json(body): Json<CreateProvider>,
) -> Result<HttpResponse, Problem> {
    let made = app.llm.providers.create(Setting::named(&caller, scope.as_ref()), body.into()).await?;
    let view = ProviderView::from(made);
    let location = format!("/api/v1/settings/providers/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// One provider.
#[utoipa::path(tag = "settings", params(("id" = i64, Path, description = "The provider")), responses(
    (status = 200, description = "The provider", body = ProviderView, headers(("etag" = String))),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not seen from here: `provider-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/providers/{id}")]
async fn get(app: web::Data<AppState>, AuthScoped(caller, scope): AuthScoped, id: web::Path<ProviderId>) -> Result<HttpResponse, Problem> {
    let view = ProviderView::from(app.llm.providers.get(Setting::named(&caller, scope.as_ref()), *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes a provider. A field left out stays; `models` is given as a whole. A model whose price changes gets a row in the book of prices.
#[utoipa::path(tag = "settings", request_body = UpdateProvider, params(("id" = i64, Path, description = "The provider")), responses(
    (status = 200, description = "The provider", body = ProviderView, headers(("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`; the instance's, or without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not seen from here: `provider-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `provider-exists`; set up in the configuration: `provider-read-only`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/settings/providers/{id}")]
async fn update(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    id: web::Path<ProviderId>,
    IfMatch(condition): IfMatch,
    Json(body): Json<UpdateProvider>,
) -> Result<HttpResponse, Problem> {
    let setting = Setting::named(&caller, scope.as_ref());
    let view = ProviderView::from(app.llm.providers.update(setting, *id, body.into(), &condition).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Deletes a provider with its prices. The ledger keeps its rows; roles pass over its models.
#[utoipa::path(tag = "settings", params(("id" = i64, Path, description = "The provider")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below maintainer: `role-too-low`; the instance's, or without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not seen from here: `provider-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Set up in the configuration: `provider-read-only`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/settings/providers/{id}")]
async fn remove(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    id: web::Path<ProviderId>,
) -> Result<HttpResponse, Problem> {
    app.llm.providers.delete(Setting::named(&caller, scope.as_ref()), *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks a model of the provider for one token, at the project's cost; with an empty body its first model.
#[utoipa::path(tag = "settings", request_body = TestProvider, params(("id" = i64, Path, description = "The provider")), responses(
    (status = 200, description = "It answers", body = TestedView),
    (status = 400, description = "Without a project nobody pays: `project-required`", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not seen from here, or switched off: `provider-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has no such model: `provider-without-model`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "`budget-exhausted`, `rate-limited`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`provider-rejected-key`, `provider-refused`, `provider-failed`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`provider-throttled`, `provider-unavailable`", body = Problem, content_type = "application/problem+json"),
    (status = 504, description = "`provider-timeout`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/settings/providers/{id}/test")]
async fn test(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    id: web::Path<ProviderId>,
    OptionalJson(body): OptionalJson<TestProvider>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let setting = Setting::named(&caller, scope.as_ref());
    let tested = while_there(&request, app.llm.providers.test(setting, *id, (body.model.as_deref(), caller.api_key()))).await??;
    Ok(HttpResponse::Ok().json(TestedView::from(tested)))
}

/// Every model of these providers, with what it costs now.
#[utoipa::path(tag = "settings", params(PageQuery), responses(
    (status = 200, description = "Models", body = PageView<ModelView>),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/models")]
async fn list_models(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let request = query.request()?;
    let all = app.llm.providers.list(Setting::named(&caller, scope.as_ref())).await?;
    let all: Vec<ModelView> = all.into_iter().flat_map(models).collect();
    Ok(HttpResponse::Ok().json(page::<_, ModelView>(all, request)))
}

/// Which providers have a key. No key is shown, only the end of a long one.
#[utoipa::path(tag = "settings", params(PageQuery), responses(
    (status = 200, description = "Keys by provider", body = PageView<ProviderKeyView>),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/api-keys")]
async fn keys(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let request = query.request()?;
    let all = app.llm.providers.list(Setting::named(&caller, scope.as_ref())).await?;
    Ok(HttpResponse::Ok().json(page::<_, ProviderKeyView>(all, request)))
}

/// A page of what is few enough to be read whole.
fn page<D, T: From<D>>(all: Vec<D>, request: PageRequest) -> PageView<T> {
    let total = all.len() as u64;
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let items = all.into_iter().skip(number(request.offset())).take(number(request.limit())).collect();
    PageView::from(commandcenter_domain::Page { items, total, request })
}
