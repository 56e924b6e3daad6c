//! The first page of a project.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::dashboard::{
    Activity, KnowledgeFigures, RepositoryFigures, RepositoryLine, TaskLine, TechnologyFigures, TechnologyLine,
};
use commandcenter_domain::shared::{PageRequest, RepositoryId, TaskId, TechnologyId};
use commandcenter_services::dashboard::Figures;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::research_tasks::OverviewView;
use crate::extract::{Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(stats).service(recent_activity);
}

#[derive(Debug, Serialize, ToSchema)]
struct StatsView {
    repositories: RepositoryFiguresView,
    technologies: TechnologyFiguresView,
    research_tasks: OverviewView,
    knowledge_base: KnowledgeFiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
struct RepositoryFiguresView {
    total: u64,
    /// At most five.
    recently_synced: Vec<SyncedView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SyncedView {
    #[schema(value_type = i64)]
    id: RepositoryId,
    full_name: String,
    last_synced_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TechnologyFiguresView {
    total: u64,
    /// Only what occurs.
    by_status: BTreeMap<String, u64>,
    /// Only what occurs.
    by_domain: BTreeMap<String, u64>,
    /// Of priority 4 and up, at most five.
    high_priority: Vec<HighPriorityView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HighPriorityView {
    #[schema(value_type = i64)]
    id: TechnologyId,
    title: String,
    priority: i32,
    status: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct KnowledgeFiguresView {
    total_documents: u64,
    total_chunks: u64,
    /// `empty` or `available`.
    status: &'static str,
}

/// What changed last.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
struct ActivityView {
    recent_repositories: Vec<RecentRepositoryView>,
    recent_technologies: Vec<RecentView>,
    recent_tasks: Vec<RecentView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecentRepositoryView {
    #[schema(value_type = i64)]
    id: RepositoryId,
    full_name: String,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecentView {
    id: i64,
    title: String,
    status: String,
    updated_at: DateTime<Utc>,
}

/// How much is told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ActivityQuery {
    /// Entries of each kind, 1 to 100; 10 if left out.
    limit: Option<i64>,
}

/// Figures over the project.
#[utoipa::path(tag = "dashboard", responses((status = 200, description = "Figures", body = StatsView)))]
#[get("/dashboard/stats")]
async fn stats(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    let figures = app.dashboard.figures(&scope).await?;
    Ok(HttpResponse::Ok().json(StatsView::from(figures)))
}

/// What changed last in the project.
#[utoipa::path(tag = "dashboard", params(ActivityQuery), responses((status = 200, description = "What changed last", body = ActivityView)))]
#[get("/dashboard/recent-activity")]
async fn recent_activity(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    Query(query): Query<ActivityQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = PageRequest::parse(None, query.limit.or(Some(10)))?.limit();
    let activity = app.dashboard.activity(&scope, limit).await?;
    Ok(HttpResponse::Ok().json(ActivityView::from(activity)))
}

impl From<Figures> for StatsView {
    fn from(figures: Figures) -> Self {
        let Figures { repositories, technologies, tasks, knowledge } = figures;
        Self {
            repositories: repositories.into(),
            technologies: technologies.into(),
            research_tasks: tasks.into(),
            knowledge_base: knowledge.into(),
        }
    }
}

impl From<RepositoryFigures> for RepositoryFiguresView {
    fn from(figures: RepositoryFigures) -> Self {
        let synced = |RepositoryLine { id, full_name, at }| SyncedView { id, full_name, last_synced_at: at };
        Self { total: figures.total, recently_synced: figures.recently_synced.into_iter().map(synced).collect() }
    }
}

impl From<TechnologyFigures> for TechnologyFiguresView {
    fn from(figures: TechnologyFigures) -> Self {
        let TechnologyFigures { total, by_status, by_domain, high_priority } = figures;
        let high = |TechnologyLine { id, title, priority, status, updated_at: _ }| HighPriorityView { id, title, priority, status };
        Self { total, by_status, by_domain, high_priority: high_priority.into_iter().map(high).collect() }
    }
}

impl From<KnowledgeFigures> for KnowledgeFiguresView {
    fn from(figures: KnowledgeFigures) -> Self {
        let KnowledgeFigures { documents, chunks } = figures;
        Self { total_documents: documents, total_chunks: chunks, status: if chunks == 0 { "empty" } else { "available" } }
    }
}

impl From<Activity> for ActivityView {
    fn from(activity: Activity) -> Self {
        let Activity { repositories, technologies, tasks } = activity;
        let repository = |RepositoryLine { id, full_name, at }| RecentRepositoryView { id, full_name, updated_at: at };
        let technology = |TechnologyLine { id, title, priority: _, status, updated_at }: TechnologyLine| RecentView {
            id: TechnologyId::get(id),
            title,
            status,
            updated_at,
        };
        let task = |TaskLine { id, title, status, updated_at }: TaskLine| RecentView { id: TaskId::get(id), title, status, updated_at };
        Self {
            recent_repositories: repositories.into_iter().map(repository).collect(),
            recent_technologies: technologies.into_iter().map(technology).collect(),
            recent_tasks: tasks.into_iter().map(task).collect(),
        }
    }
}
