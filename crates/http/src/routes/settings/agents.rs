//! Which models fill roles.

use actix_web::{HttpResponse, delete, get, put, web};
use commandcenter_domain::llm::RoleName;
use commandcenter_services::llm::Setting;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::PutAgent;
use super::page;
use super::view::AgentView;
use crate::extract::{AuthScoped, Json, PageQuery, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(put_agent).service(remove);
}

/// The roles that are set: a project's own setting stands before the instance's.
#[utoipa::path(tag = "settings", operation_id = "list_agents", params(PageQuery), responses(
    (status = 200, description = "Roles by name", body = PageView<AgentView>),
    (status = 403, description = "Without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/settings/agents")]
async fn list(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let request = query.request()?;
    let all = app.llm.roles.list(Setting::named(&caller, scope.as_ref())).await?;
    Ok(HttpResponse::Ok().json(page::<_, AgentView>(all, request)))
}

/// Says which model fills a role, and which step in for it in order. It is called as model `role:<name>`.
#[utoipa::path(tag = "settings", request_body = PutAgent, params(("role" = String, Path, description = "The role: lower-case letters, digits, `_` and `-`")), responses(
    (status = 200, description = "The role", body = AgentView),
    (status = 403, description = "Below maintainer: `role-too-low`; without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A model that is not known here: `unknown-model`, with the known ones; or input that breaks a rule: `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[put("/settings/agents/{role}")]
async fn put_agent(
    app: web::Data<AppState>,
    AuthScoped(caller, scope): AuthScoped,
    role: web::Path<String>,
    Json(body): Json<PutAgent>,
) -> Result<HttpResponse, Problem> {
    let role = RoleName::parse(&role)?;
    let setting = Setting::named(&caller, scope.as_ref());
    let binding = app.llm.roles.put(setting, &role, body.checked()?).await?;
    Ok(HttpResponse::Ok().json(AgentView::from(binding)))
}

/// Takes a role's setting away; in a project the instance's stands again.
#[utoipa::path(tag = "settings", operation_id = "remove_agent", params(("role" = String, Path, description = "The role")), responses(
    (status = 204, description = "Taken away"),
    (status = 403, description = "Below maintainer: `role-too-low`; without a project, and not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not set here: `agent-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/settings/agents/{role}")]
async fn remove(app: web::Data<AppState>, AuthScoped(caller, scope): AuthScoped, role: web::Path<String>) -> Result<HttpResponse, Problem> {
    let role = RoleName::parse(&role)?;
    app.llm.roles.delete(Setting::named(&caller, scope.as_ref()), &role).await?;
    Ok(HttpResponse::NoContent().finish())
}
