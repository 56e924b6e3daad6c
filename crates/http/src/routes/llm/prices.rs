//! The book of prices.

use actix_web::{HttpResponse, get, post, web};
use commandcenter_domain::PageRequest;
use commandcenter_services::llm::Setting;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{CreatePrice, ListPrices};
use super::view::PriceView;
use crate::extract::{AuthScoped, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create);
}

/// The book of prices, newest first: of a model, the newest row whose time has come is its price.
#[utoipa::path(tag = "llm", operation_id = "list_prices", params(ListPrices), responses(
    (status = 200, description = "Prices", body = PageView<PriceView>),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/llm/prices")]
async fn list(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Query(query): Query<ListPrices>,
) -> Result<HttpResponse, Problem> {
    let request = PageRequest::parse(query.page, query.limit)?;
    let of = (query.provider.as_deref(), query.model.as_deref());
    let page = app.llm.prices.list(Setting::named(&caller, scope.as_ref()), of, request).await?;
    Ok(HttpResponse::Ok().json(PageView::<PriceView>::from(page)))
}

/// Writes down what a model of one's own provider costs, from now or a later moment on.
#[utoipa::path(tag = "llm", operation_id = "create_price", request_body = CreatePrice, responses(
    (status = 201, description = "The price", body = PriceView, headers(("location" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`; the instance's provider, or without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/llm/prices")]
async fn create(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Json(body): Json<CreatePrice>,
) -> Result<HttpResponse, Problem> {
    let row = app.llm.prices.add(Setting::named(&caller, scope.as_ref()), body.into()).await?;
    Ok(HttpResponse::Created().insert_header(("location", "/api/v1/llm/prices")).json(PriceView::from(row)))
}
