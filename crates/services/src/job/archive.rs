//! Reading the archive of ended jobs.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{ArchiveFilter, ArchiveSort, ArchivedJob, Job, JobError};
use commandcenter_domain::shared::{JobId, Sort};
use commandcenter_domain::{Page, PageRequest};

use super::JobService;

/// A job, wherever it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Among those that live or ended not long ago.
    Kept(Job),
    /// In the archive.
    Archived(ArchivedJob),
}

impl JobService {
    /// A page of the project's archived jobs; those that ended last come first unless sorted otherwise.
    pub async fn archived(
        &self,
        scope: &ProjectScope,
        filter: &ArchiveFilter,
        sort: Option<Sort<ArchiveSort>>,
        page: PageRequest,
    ) -> Result<Page<ArchivedJob>, JobError> {
        Ok(self.store.repos().job_archive().list(scope, filter, sort, page).await?)
    }

    /// One job, archived or not. A job that is archived meanwhile is not missed: it leaves one place as it comes into the other.
    pub async fn look_up(&self, scope: &ProjectScope, id: JobId) -> Result<Found, JobError> {
        let repos = self.store.repos();
        if let Some(job) = repos.jobs().find(scope, id).await? {
            return Ok(Found::Kept(job));
        }
        repos.job_archive().find(scope, id).await?.map(Found::Archived).ok_or(JobError::NotFound(id))
    }
}
