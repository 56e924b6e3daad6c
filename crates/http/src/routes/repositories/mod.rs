//! Repositories that a project tracks.

mod view;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use commandcenter_domain::Patch;
use commandcenter_domain::repository::{
    NewRepository, RepositoryFilter, RepositoryInput, RepositoryPatch, RepositoryPatchInput, RepositorySortKey, SyncRequest,
};
use commandcenter_domain::shared::{Invalid, PageRequest, RepositoryId, Sort};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, OptionalJson, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use view::{CommitView, CreateRepository, JobAcceptedView, ListRepositories, RepositoryView, SyncRepository, UpdateRepository};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get).service(update).service(remove).service(sync).service(commits);
}

/// The repositories the project tracks.
#[utoipa::path(tag = "repositories", params(ListRepositories), responses(
    (status = 200, description = "Repositories", body = PageView<RepositoryView>),
))]
#[get("/repositories")]
async fn list(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListRepositories>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), RepositorySortKey::parse)?;
    let filter = RepositoryFilter::parse(query.owner.as_deref(), query.language.as_deref(), query.search.as_deref())?;
    let page = app.repositories.list(&scope, &filter, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<RepositoryView>::from(page)))
}

/// Tracks a repository. Nothing is asked of GitHub yet: that is what `sync` is for.
#[utoipa::path(tag = "repositories", request_body = CreateRepository, responses(
    (status = 201, description = "The repository", body = RepositoryView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The project tracks it already: `repository-exists`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/repositories")]
async fn create(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<CreateRepository>) -> Result<HttpResponse, Problem> {
    let input = RepositoryInput {
        owner: &body.owner,
        name: &body.name,
        description: body.description.as_deref(),
        access_token: body.access_token.as_deref(),
        is_private: body.is_private,
    };
    let repository = app.repositories.create(&scope, NewRepository::parse(&input)?).await?;
    let location = format!("/api/v1/repositories/{}", repository.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(RepositoryView::from(repository)))
}

/// One repository.
#[utoipa::path(tag = "repositories", params(("id" = i64, Path, description = "The repository")), responses(
    (status = 200, description = "The repository", body = RepositoryView),
    (status = 404, description = "Not in this project: `repository-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/repositories/{id}")]
async fn get(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<RepositoryId>) -> Result<HttpResponse, Problem> {
    let repository = app.repositories.get(&scope, *id).await?;
    Ok(HttpResponse::Ok().json(RepositoryView::from(repository)))
}

/// Changes a repository: description, token, visibility, metadata.
#[utoipa::path(tag = "repositories", request_body = UpdateRepository, params(("id" = i64, Path, description = "The repository")), responses(
    (status = 200, description = "The repository", body = RepositoryView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `repository-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/repositories/{id}")]
async fn update(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<RepositoryId>,
    Json(body): Json<UpdateRepository>,
) -> Result<HttpResponse, Problem> {
    let is_private = match body.is_private {
        Some(None) => return Err(Invalid::one("is_private", "required", "must be true or false").into()),
        Some(Some(value)) => Some(value),
        None => None,
    };
    let input = RepositoryPatchInput {
        description: Patch::from_double(body.description),
        access_token: Patch::from_double(body.access_token),
        is_private,
        metadata: Patch::from_double(body.metadata),
    };
    let repository = app.repositories.update(&scope, *id, RepositoryPatch::parse(input)?).await?;
    Ok(HttpResponse::Ok().json(RepositoryView::from(repository)))
}

/// Stops tracking a repository. Its commits and its documents in the knowledge base go with it.
#[utoipa::path(tag = "repositories", params(("id" = i64, Path, description = "The repository")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `repository-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/repositories/{id}")]
async fn remove(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<RepositoryId>) -> Result<HttpResponse, Problem> {
    app.repositories.delete(&scope, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a repository up to date in a job: metadata, commits, documents. While one is pending or running, that one is answered.
#[utoipa::path(tag = "repositories", request_body = Option<SyncRepository>, params(("id" = i64, Path, description = "The repository")), responses(
    (status = 202, description = "The job", body = JobAcceptedView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `repository-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/repositories/{id}/sync")]
async fn sync(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<RepositoryId>,
    OptionalJson(body): OptionalJson<SyncRepository>,
) -> Result<HttpResponse, Problem> {
    let job = app.repositories.sync(&scope, SyncRequest { repository_id: *id, force: body.force }).await?;
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(JobAcceptedView { job_id: job.id }))
}

/// The commits of a repository that were seen, newest first.
#[utoipa::path(tag = "repositories", params(PageQuery, ("id" = i64, Path, description = "The repository")), responses(
    (status = 200, description = "Commits", body = PageView<CommitView>),
    (status = 404, description = "Not in this project: `repository-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/repositories/{id}/commits")]
async fn commits(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<RepositoryId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.repositories.commits(&scope, *id, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<CommitView>::from(page)))
}
