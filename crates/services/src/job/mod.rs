//! Jobs of a project: made, sent, watched, cancelled, deleted by its members.

mod archive;
mod cancel;
mod inspect;
mod operate;
mod probe;
mod request;
mod retention;
mod statistics;

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal, SignalBus, SignalStream};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobError, JobFilter, JobKind, JobSort, JobStatus, Window};
use commandcenter_domain::repository::SyncRequest;
use commandcenter_domain::shared::{Invalid, JobId, RepositoryId, Sort, Timestamp};
use commandcenter_domain::source::SourceSyncRequest;
use commandcenter_domain::{Clock, Page, PageRequest, Repos, Store, StoreError, Tx};
use serde_json::{Value, json};

pub use archive::Found;
pub use inspect::Part;
pub use operate::{Bulk, Switch};
pub use probe::QueueProbe;
use request::ingested;
pub(crate) use request::storable;
pub use request::{JobRequest, NewJobInput};
pub use retention::{JobArchivist, Swept};
pub use statistics::JobStatistics;

/// Longest delay of a dispatch: a year.
const LONGEST_DELAY: i64 = 366 * 24 * 3600;

/// Use cases of jobs.
pub struct JobService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    signals: Arc<dyn SignalBus>,
}

impl std::fmt::Debug for JobService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobService")
    }
}

impl JobService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, signals: Arc<dyn SignalBus>) -> Self {
        Self { store, clock, signals }
    }

    /// A page of the project's jobs, newest first unless sorted otherwise.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &JobFilter,
        sort: Option<Sort<JobSort>>,
        page: PageRequest,
    ) -> Result<Page<Job>, JobError> {
        Ok(self.store.repos().jobs().list(scope, filter, sort, page).await?)
    }

    /// A page of the jobs that have not ended, newest first.
    pub async fn active(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Job>, JobError> {
        let status = JobStatus::ALL.iter().copied().filter(|status| !status.is_terminal()).collect();
        self.list(scope, &JobFilter { status, ..JobFilter::default() }, None, page).await
    }

    /// One job that is not archived.
    pub async fn get(&self, scope: &ProjectScope, id: JobId) -> Result<Job, JobError> {
        self.store.repos().jobs().find(scope, id).await?.ok_or(JobError::NotFound(id))
    }

    /// How the project's jobs stand, in a statement or two whatever their number; with a window, those that were made within it.
    pub async fn statistics(&self, scope: &ProjectScope, window: Option<Window>) -> Result<JobStatistics, JobError> {
        let jobs = self.store.repos().jobs();
        let since = window.map(|window| self.clock.now() - window.length());
        let counts = jobs.count_by_status(scope, since).await?;
        let times = match since {
            Some(since) => Some(jobs.times(scope, since).await?),
            None => None,
        };
        Ok(JobStatistics { window, times, ..JobStatistics::of(&counts) })
    }

    /// Refuses what clients may not do: a job's state is the engine's to change.
    ///
    /// # Errors
    /// Always; [`JobError::NotFound`] for what is not the project's.
    pub async fn refuse_change(&self, scope: &ProjectScope, id: JobId) -> Result<(), JobError> {
        scope.require(Role::Member)?;
        self.get(scope, id).await?;
        Err(JobError::NotClientWritable)
    }

    /// Makes a job that waits to be dispatched.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, request: JobRequest) -> Result<Job, JobError> {
        scope.require(Role::Member)?;
        require_subject(self.store.repos(), scope, &request).await?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let job = tx.jobs().enqueue(scope, request.held(now)).await?;
        record(&*tx, scope, &job, Change { verb: "job.created", event: Some("cc.job.created.v1"), at: now }).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Sends a job on its way, `delay_seconds` from now. A job that was sent before stays as it is: it runs once.
    ///
    /// # Errors
    /// [`JobError::Finished`] when it was cancelled, [`JobError::Invalid`] on the delay.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), job.id = %id))]
    pub async fn dispatch(&self, scope: &ProjectScope, id: JobId, delay_seconds: i64) -> Result<Job, JobError> {
        scope.require(Role::Member)?;
        if !(0..=LONGEST_DELAY).contains(&delay_seconds) {
            return Err(Invalid::one("delay_seconds", "out_of_range", format!("must be between 0 and {LONGEST_DELAY}")).into());
        }
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let Some(job) = tx.jobs().dispatch(scope, id, now + TimeDelta::seconds(delay_seconds)).await? else {
            return sent_before(tx.jobs().find(scope, id).await?.ok_or(JobError::NotFound(id))?);
        };
        record(&*tx, scope, &job, Change { verb: "job.dispatched", event: None, at: now }).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        self.changed(&job).await;
        Ok(job)
    }

    /// Deletes a job that does not run.
    ///
    /// # Errors
    /// [`JobError::Running`] when it runs.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), job.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: JobId) -> Result<(), JobError> {
        scope.require(Role::Member)?;
        let tx = self.store.begin().await?;
        let (job, now) = (tx.jobs().find(scope, id).await?.ok_or(JobError::NotFound(id))?, self.clock.now());
        // What waits ends first, so that its batch does not wait for it for ever.
        let cancelled = tx.jobs().cancel(scope, id, now).await?;
        if tx.jobs().delete(scope, id).await? == 0 {
            return Err(JobError::Running);
        }
        let batches = tx.job_ledger().children_ended(&cancelled.iter().collect::<Vec<_>>()).await?;
        record(&*tx, scope, &job, Change { verb: "job.deleted", event: None, at: now }).await?;
        tx.commit().await?;
        if !batches.is_empty() {
            self.signals.send(Signal::JobsReady).await;
        }
        for job in batches.iter().chain([&job]) {
            self.changed(job).await;
        }
        Ok(())
    }

    /// The signals from now on, for who follows a job: it changed when [`Signal::JobChanged`] names it, and may have on
    /// [`Signal::Resync`].
    #[must_use]
    pub fn follow(&self) -> Box<dyn SignalStream> {
        self.signals.subscribe()
    }

    async fn changed(&self, job: &Job) {
        self.signals.send(Signal::JobChanged { project: job.project, job: job.id }).await;
    }
}

/// What the job is to work on must be the project's.
pub(crate) async fn require_subject(repos: &dyn Repos, scope: &ProjectScope, request: &JobRequest) -> Result<(), JobError> {
    match request.kind() {
        JobKind::RepositorySync => {
            let id: RepositoryId = SyncRequest::parse(request.parameters())?.repository_id;
            let found = repos.repositories().find(scope, id).await?;
            found.map(|_| ()).ok_or(JobError::SubjectNotFound { kind: "repository", id: id.get() })
        }
        JobKind::KnowledgeIngest => {
            let id = ingested(request.parameters())?;
            let found = repos.knowledge().find(scope, id).await?;
            found.map(|_| ()).ok_or(JobError::SubjectNotFound { kind: "document", id: id.get() })
        }
        JobKind::SourceSync => {
            let id = SourceSyncRequest::parse(request.parameters())?.source_id;
            let found = repos.sources().find(scope, id).await?;
            found.map(|_| ()).ok_or(JobError::SubjectNotFound { kind: "source", id: id.get() })
        }
        // Never requested by themselves: see `JobRequest::parse`.
        JobKind::BatchImport | JobKind::ImportRows | JobKind::KnowledgeReembed => Err(JobError::unknown_type()),
    }
}

/// A dispatch that finds nothing to send: fine when the job was sent before, refused when it was cancelled.
fn sent_before(job: Job) -> Result<Job, JobError> {
    match job.status {
        JobStatus::Cancelled => Err(JobError::Finished(job.status)),
        JobStatus::Pending | JobStatus::Running | JobStatus::Retrying | JobStatus::Completed | JobStatus::Failed | JobStatus::Dead => {
            Ok(job)
        }
    }
}

/// A change that the audit log keeps and, with an event, that others may learn of.
struct Change {
    verb: &'static str,
    event: Option<&'static str>,
    at: Timestamp,
}

async fn record(tx: &dyn Tx, scope: &ProjectScope, job: &Job, change: Change) -> Result<(), StoreError> {
    let Change { verb, event, at } = change;
    let detail: Value = json!({ "job_type": job.kind, "status": job.status });
    tx.audit().record(scope, NewAudit { action: verb, entity: "job", entity_id: job.id.get(), detail, at }).await?;
    let Some(kind) = event else { return Ok(()) };
    tx.outbox().publish(scope, NewEvent { kind, data: told(job), at }).await
}

/// What an event tells of a job.
fn told(job: &Job) -> Value {
    json!({ "job_id": job.id, "job_type": job.kind, "status": job.status, "error": job.error })
}
