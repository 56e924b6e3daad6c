//! Jobs whose retention is over.

use actix_web::{HttpResponse, get, web};
use commandcenter_domain::PageRequest;
use commandcenter_domain::job::{ArchiveFilter, ArchiveSort, JobKind, JobStatus};
use commandcenter_domain::shared::{Checker, Invalid, JobId, Sort};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::JobView;
use crate::extract::{Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(archive);
}

/// Which archived jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListArchive {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `completed_at`, or `-completed_at` for those that ended last first; the latter if left out.
    sort: Option<String>,
    /// `completed`, `failed`, `cancelled` or `dead`.
    status: Option<String>,
    /// `repository_sync`, `knowledge_ingest`, `batch_import`, `import_rows`, `source_sync` or `knowledge_reembed`.
    job_type: Option<String>,
    /// The children of this batch.
    parent_id: Option<i64>,
}

impl ListArchive {
    fn filter(&self) -> Result<ArchiveFilter, Invalid> {
        let mut check = Checker::new();
        let ended = |text: &str| JobStatus::parse(text).filter(|status| status.is_terminal());
        let status = self.status.as_deref().and_then(|text| check.choice("status", text, ended));
        let kind = self.job_type.as_deref().and_then(|text| check.choice("job_type", text, JobKind::parse));
        check.finish(ArchiveFilter { status, kind, parent: self.parent_id.map(JobId::new) })
    }
}

/// The project's jobs that were archived after their retention, the one that ended last first unless sorted otherwise. Their attempts and
/// logs are not kept.
#[utoipa::path(tag = "jobs", params(ListArchive), responses(
    (status = 200, description = "Jobs, each with `archived_at`", body = PageView<JobView>),
    (status = 422, description = "A parameter breaks its rule: `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/archive")]
async fn archive(app: web::Data<AppState>, Scope(scope): Scope, Query(query): Query<ListArchive>) -> Result<HttpResponse, Problem> {
    let page = PageRequest::parse(query.page, query.limit)?;
    let sort = Sort::parse(query.sort.as_deref(), ArchiveSort::parse)?;
    let page = app.jobs.archived(&scope, &query.filter()?, sort, page).await?;
    Ok(HttpResponse::Ok().json(PageView::<JobView>::from(page)))
}
