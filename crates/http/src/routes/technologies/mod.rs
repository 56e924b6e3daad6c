//! Technologies on the project's radar.

mod body;
mod view;

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use commandcenter_domain::shared::{PageRequest, RepositoryId, Sort, TechnologyId};
use commandcenter_domain::technology::{TechnologyFilter, TechnologyFilterInput, TechnologySort};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{IfMatch, Json, PageQuery, Query, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
pub(super) use body::CreateTechnology;
use body::{ListTechnologies, UpdateTechnology};
use view::{RepositoryLinkView, TechnologyView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(update).service(remove);
    config.service(repositories).service(link).service(unlink);
}

/// The technologies on the radar.
#[utoipa::path(tag = "technologies", params(ListTechnologies), responses(
    (status = 200, description = "Technologies", body = PageView<TechnologyView>),
))]
#[get("/technologies")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListTechnologies>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), TechnologySort::parse)?;
    let filter = TechnologyFilter::parse(&TechnologyFilterInput {
        domain: query.domain.as_deref(),
        status: query.status.as_deref(),
        ring: query.ring.as_deref(),
        priority_min: query.priority_min,
        maturity_level: query.maturity_level.as_deref(),
        cost_tier: query.cost_tier.as_deref(),
        search: query.search.as_deref(),
    })?;
    let page = app.technologies.list(&scope, &filter, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<TechnologyView>::from(page)))
}

/// Puts a technology on the radar.
#[utoipa::path(tag = "technologies", request_body = CreateTechnology, responses(
    (status = 201, description = "The technology", body = TechnologyView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The project has one of that title: `technology-title-taken`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/technologies")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateTechnology>) -> Result<HttpResponse, Problem> {
    let created = app.technologies.create(&scope, body.into()).await?;
    let location = format!("/api/v1/technologies/{}", created.technology.id);
    let view = TechnologyView::from(created);
    Ok(HttpResponse::Created().insert_header(("location", location)).insert_header(etag(view.version)).json(view))
}

/// One technology.
#[utoipa::path(tag = "technologies", params(("id" = i64, Path, description = "The technology")), responses(
    (status = 200, description = "The technology", body = TechnologyView, headers(("etag" = String))),
    (status = 404, description = "Not in this project: `technology-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/technologies/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<TechnologyId>) -> Result<HttpResponse, Problem> {
    let view = TechnologyView::from(app.technologies.get(&scope, *id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes a technology. With `If-Match` only if it still has that version.
#[utoipa::path(tag = "technologies", request_body = UpdateTechnology,
    params(("id" = i64, Path, description = "The technology"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 200, description = "The technology", body = TechnologyView, headers(("etag" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `technology-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The project has one of that title: `technology-title-taken`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/technologies/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    (id, condition): (web::Path<TechnologyId>, IfMatch),
    Json(body): Json<UpdateTechnology>,
) -> Result<HttpResponse, Problem> {
    let view = TechnologyView::from(app.technologies.update(&scope, *id, body.into(), &condition.0).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Takes a technology off the radar. Its research tasks and their files go with it.
#[utoipa::path(tag = "technologies",
    params(("id" = i64, Path, description = "The technology"), ("If-Match" = Option<String>, Header, description = "The `ETag` last seen")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `technology-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It has moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/technologies/{id}")]
async fn remove(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TechnologyId>,
    IfMatch(condition): IfMatch,
) -> Result<HttpResponse, Problem> {
    app.technologies.delete(&scope, *id, &condition).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The repositories a technology is linked to, by name.
#[utoipa::path(tag = "technologies", params(PageQuery, ("id" = i64, Path, description = "The technology")), responses(
    (status = 200, description = "Repositories", body = PageView<RepositoryLinkView>),
    (status = 404, description = "Not in this project: `technology-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/technologies/{id}/repositories")]
async fn repositories(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TechnologyId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.technologies.repositories(&scope, *id, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<RepositoryLinkView>::from(page)))
}

/// Links a repository of the same project. Linking it again changes nothing.
#[utoipa::path(tag = "technologies",
    params(("id" = i64, Path, description = "The technology"), ("repository_id" = i64, Path, description = "The repository")), responses(
    (status = 204, description = "Linked"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `technology-not-found`, `repository-not-found`", body = Problem,
        content_type = "application/problem+json"),
))]
#[put("/technologies/{id}/repositories/{repository_id}")]
async fn link(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    ids: web::Path<(TechnologyId, RepositoryId)>,
) -> Result<HttpResponse, Problem> {
    app.technologies.link(&scope, ids.0, ids.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Unlinks a repository.
#[utoipa::path(tag = "technologies",
    params(("id" = i64, Path, description = "The technology"), ("repository_id" = i64, Path, description = "The repository")), responses(
    (status = 204, description = "Unlinked"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project, or not linked: `technology-not-found`, `repository-not-found`", body = Problem,
        content_type = "application/problem+json"),
))]
#[delete("/technologies/{id}/repositories/{repository_id}")]
async fn unlink(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    ids: web::Path<(TechnologyId, RepositoryId)>,
) -> Result<HttpResponse, Problem> {
    app.technologies.unlink(&scope, ids.0, ids.1).await?;
    Ok(HttpResponse::NoContent().finish())
}
