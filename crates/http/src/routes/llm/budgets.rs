//! Budgets of a project.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use commandcenter_domain::shared::BudgetId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{CreateBudget, UpdateBudget};
use super::view::BudgetView;
use crate::extract::{IfMatch, Json, PageQuery, Query, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(update).service(remove);
}

/// The project's budgets, with what counts against each in its present period.
#[utoipa::path(tag = "llm", operation_id = "list_budgets", params(PageQuery), responses((status = 200, description = "Budgets by name", body = PageView<BudgetView>)))]
#[get("/llm/budgets")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.llm.budgets.list(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<BudgetView>::from(page)))
}

/// Makes a budget. What is spent from now on counts against it.
#[utoipa::path(tag = "llm", operation_id = "create_budget", request_body = CreateBudget, responses(
    (status = 201, description = "The budget", body = BudgetView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `budget-exists`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/llm/budgets")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateBudget>) -> Result<HttpResponse, Problem> {
    let view = BudgetView::from(app.llm.budgets.create(&scope, body.into()).await?);
    let location = format!("/api/v1/llm/budgets/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// One budget.
#[utoipa::path(tag = "llm", operation_id = "get_budget", params(("id" = i64, Path, description = "The budget")), responses(
    (status = 200, description = "The budget", body = BudgetView, headers(("etag" = String))),
    (status = 404, description = "Not in this project: `budget-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/llm/budgets/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<BudgetId>) -> Result<HttpResponse, Problem> {
    let view = BudgetView::from(app.llm.budgets.get(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes a budget's name, limit or mode. What was counted stays counted.
#[utoipa::path(tag = "llm", operation_id = "update_budget", request_body = UpdateBudget, params(("id" = i64, Path, description = "The budget")), responses(
    (status = 200, description = "The budget", body = BudgetView, headers(("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `budget-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The name is taken: `budget-exists`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/llm/budgets/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<BudgetId>,
    IfMatch(condition): IfMatch,
    Json(body): Json<UpdateBudget>,
) -> Result<HttpResponse, Problem> {
    let view = BudgetView::from(app.llm.budgets.update(&scope, *id, body.into(), &condition).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Deletes a budget. The ledger keeps its rows.
#[utoipa::path(tag = "llm", operation_id = "remove_budget", params(("id" = i64, Path, description = "The budget")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `budget-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/llm/budgets/{id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<BudgetId>) -> Result<HttpResponse, Problem> {
    app.llm.budgets.delete(&scope, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
