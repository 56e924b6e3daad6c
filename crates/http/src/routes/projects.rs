//! Projects.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::Patch;
use commandcenter_domain::identity::Role;
use commandcenter_domain::project::{NewProject, Project, ProjectKey, ProjectPatch, ProjectStats};
use commandcenter_domain::shared::{PageRequest, ProjectId, Sort};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Auth, Json, PathScope, Query, double_option};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(create).service(list).service(get).service(update).service(remove).service(stats);
}

/// A project to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Radar", "description": "What we watch"}))]
struct CreateProject {
    /// 1 to 255 characters, unique per owner.
    name: String,
    /// Whose it is, as text; the caller's address if left out.
    owner: Option<String>,
    /// What it is about.
    description: Option<String>,
}

/// What of a project changes. A field left out stays; null empties the description.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"description": null}))]
struct UpdateProject {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    owner: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
}

/// A project, as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectView {
    #[schema(value_type = i64)]
    id: ProjectId,
    name: String,
    owner: String,
    description: Option<String>,
    /// The caller's role: `viewer`, `member`, `maintainer` or `owner`.
    #[schema(value_type = String)]
    role: Role,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        let Project { id, name, owner, description, role, created_at, updated_at } = project;
        Self { id, name, owner, description, role, created_at, updated_at }
    }
}

/// A project and how much it holds.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectStatsView {
    #[serde(flatten)]
    project: ProjectView,
    repository_count: u64,
    technology_count: u64,
    research_task_count: u64,
    knowledge_entry_count: u64,
}

/// Which projects.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListProjects {
    /// Which page, from 1.
    page: Option<i64>,
    /// Rows per page, 1 to 100.
    limit: Option<i64>,
    /// `name` (default), `created_at` or `updated_at`; with `-` in front the other way.
    sort: Option<String>,
}

/// Creates a project; the caller becomes its owner.
#[utoipa::path(tag = "projects", request_body = CreateProject, responses(
    (status = 201, description = "The project", body = ProjectView, headers(("location" = String))),
    (status = 409, description = "The owner has one of that name: `project-name-taken`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/projects")]
async fn create(app: web::Data<AppState>, Auth(caller): Auth, Json(body): Json<CreateProject>) -> Result<HttpResponse, Problem> {
    let owner = body.owner.as_deref().unwrap_or(&caller.email);
    let new = NewProject::parse(&body.name, owner, body.description.as_deref())?;
    let project = app.projects.create(&caller, new).await?;
    let location = format!("/api/v1/projects/{}", project.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(ProjectView::from(project)))
}

/// The projects the caller is a member of.
#[utoipa::path(tag = "projects", params(ListProjects), responses((status = 200, description = "Projects", body = PageView<ProjectView>)))]
#[get("/projects")]
async fn list(app: web::Data<AppState>, Auth(caller): Auth, Query(query): Query<ListProjects>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), ProjectKey::parse)?;
    let page = app.projects.list(&caller, page, sort).await?;
    Ok(HttpResponse::Ok().json(PageView::<ProjectView>::from(page)))
}

/// One project.
#[utoipa::path(tag = "projects", params(("id" = i64, Path, description = "The project")), responses(
    (status = 200, description = "The project", body = ProjectView),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/projects/{id}")]
async fn get(app: web::Data<AppState>, PathScope(scope): PathScope) -> Result<HttpResponse, Problem> {
    let project = app.projects.get(&scope).await?;
    Ok(HttpResponse::Ok().json(ProjectView::from(project)))
}

/// Changes a project. Needs the role maintainer.
#[utoipa::path(tag = "projects", request_body = UpdateProject, params(("id" = i64, Path, description = "The project")), responses(
    (status = 200, description = "The project", body = ProjectView),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The owner has one of that name: `project-name-taken`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/projects/{id}")]
async fn update(app: web::Data<AppState>, PathScope(scope): PathScope, Json(body): Json<UpdateProject>) -> Result<HttpResponse, Problem> {
    let [name, owner, description] = [body.name, body.owner, body.description].map(Patch::from_double);
    let project = app.projects.update(&scope, ProjectPatch::parse(name, owner, description)?).await?;
    Ok(HttpResponse::Ok().json(ProjectView::from(project)))
}

/// Deletes a project with everything in it. Needs the role owner.
#[utoipa::path(tag = "projects", params(("id" = i64, Path, description = "The project")), responses(
    (status = 204, description = "Deleted"),
    (status = 403, description = "Below owner: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/projects/{id}")]
async fn remove(app: web::Data<AppState>, PathScope(scope): PathScope) -> Result<HttpResponse, Problem> {
    app.projects.delete(&scope).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A project and how much it holds.
#[utoipa::path(tag = "projects", params(("id" = i64, Path, description = "The project")), responses(
    (status = 200, description = "The project with counts", body = ProjectStatsView),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/projects/{id}/stats")]
async fn stats(app: web::Data<AppState>, PathScope(scope): PathScope) -> Result<HttpResponse, Problem> {
    let (project, counts) = app.projects.stats(&scope).await?;
    let ProjectStats { repositories, technologies, research_tasks, knowledge_entries } = counts;
    Ok(HttpResponse::Ok().json(ProjectStatsView {
        project: ProjectView::from(project),
        repository_count: repositories,
        technology_count: technologies,
        research_task_count: research_tasks,
        knowledge_entry_count: knowledge_entries,
    }))
}
