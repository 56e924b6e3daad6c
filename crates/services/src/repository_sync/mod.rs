//! The job `repository_sync`: metadata, commits and documents of a tracked repository, brought up to date.
//!
//! Every step can be repeated: commits are told apart by hash, documents by path and blob. The cursor moves last, so a run that dies is
//! made up for by the next. What the repository says of its state stays true however a run ends.

mod documents;
mod failure;
mod report;
mod selection;
mod steps;

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::identity::SecretCipher;
use commandcenter_domain::job::{JobFailure, JobHandler, JobKind, JobRun};
use commandcenter_domain::knowledge::RepositoryDocuments;
use commandcenter_domain::repository::{AccessToken, HostTarget, Repository, RepositoryHost, SyncRequest, SyncState, SyncStatus};
use commandcenter_domain::{Clock, Store};
use futures::future::{Either, select};
use serde_json::Value;

use crate::repository::cipher_context;
use failure::SyncFailure;
use report::Report;
use steps::Sync;

/// How much of a repository is taken over.
#[derive(Debug, Clone, Copy)]
pub struct SyncLimits {
    /// Most bytes of one document; a larger file is skipped with its reason.
    pub document_bytes: u64,
    /// Most documents of one repository.
    pub documents: usize,
    /// Most pages of a hundred commits when no earlier commit is known.
    pub history_pages: u32,
    /// Most pages of a hundred commits since the last run.
    pub update_pages: u32,
}

impl Default for SyncLimits {
    fn default() -> Self {
        Self { document_bytes: 5 * 1024 * 1024, documents: 5_000, history_pages: 10, update_pages: 50 }
    }
}

/// Performs synchronisations.
pub struct RepositorySyncService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cipher: Arc<dyn SecretCipher>,
    host: Arc<dyn RepositoryHost>,
    documents: Arc<dyn RepositoryDocuments>,
    limits: SyncLimits,
}

impl RepositorySyncService {
    /// A service over its ports, with the usual limits.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cipher: Arc<dyn SecretCipher>,
        (host, documents): (Arc<dyn RepositoryHost>, Arc<dyn RepositoryDocuments>),
    ) -> Self {
        Self { store, clock, cipher, host, documents, limits: SyncLimits::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: SyncLimits) -> Self {
        self.limits = limits;
        self
    }

    async fn until_cancelled(&self, run: &dyn JobRun, repository: &Repository, request: SyncRequest) -> Result<Report, SyncFailure> {
        let work = Box::pin(self.work(run, repository, request));
        match select(work, run.cancelled()).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(SyncFailure::Cancelled),
        }
    }

    async fn work(&self, run: &dyn JobRun, repository: &Repository, request: SyncRequest) -> Result<Report, SyncFailure> {
        let state = self.store.repos().repositories().sync_state(run.scope(), repository.id).await?.unwrap_or_default();
        let target = self.target(run, repository, &state)?;
        let sync = Sync { service: self, run, id: repository.id, force: request.force, target, repository: repository.clone(), state };
        sync.perform().await
    }

    fn target(&self, run: &dyn JobRun, repository: &Repository, state: &SyncState) -> Result<HostTarget, SyncFailure> {
        let sealed = state.sealed_token.as_deref();
        let token = sealed.map(|sealed| self.cipher.open(sealed, &cipher_context(run.scope()))).transpose()?;
        Ok(HostTarget { owner: repository.owner.clone(), name: repository.name.clone(), token: token.map(AccessToken::trusted) })
    }

    /// Leaves the repository saying what is true now, and tells the engine what to do next.
    async fn settle(&self, run: &dyn JobRun, repository: &Repository, failure: SyncFailure) -> JobFailure {
        let failure = failure.into_job_failure();
        let (status, reason) = match &failure {
            JobFailure::Cancelled if repository.last_synced_at.is_some() => (SyncStatus::Synced, None),
            JobFailure::Cancelled => (SyncStatus::Never, None),
            JobFailure::Retry(reason) | JobFailure::Fail(reason) | JobFailure::WaitUntil { reason, .. } => {
                (SyncStatus::Failed, Some(reason.as_str()))
            }
        };
        if let Err(err) = self.mark(run, repository, (status, reason)).await {
            tracing::error!(error = %err, "the state of the repository could not be written");
        }
        failure
    }

    async fn mark(
        &self,
        run: &dyn JobRun,
        repository: &Repository,
        (status, reason): (SyncStatus, Option<&str>),
    ) -> Result<(), SyncFailure> {
        Ok(self.store.repos().repositories().set_sync_status(run.scope(), repository.id, status, reason).await?)
    }
}

#[async_trait]
impl JobHandler for RepositorySyncService {
    fn kind(&self) -> JobKind {
        JobKind::RepositorySync
    }

    /// Fails with a reason a person understands; it is kept beside the repository too.
    #[tracing::instrument(skip_all, fields(project.id = %run.scope().project(), job.id = %run.id()))]
    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let request = SyncRequest::parse(parameters).map_err(|err| JobFailure::Fail(err.to_string()))?;
        let repository = self.store.repos().repositories().find(run.scope(), request.repository_id).await;
        let repository = repository.map_err(|err| JobFailure::of(&err))?;
        let Some(repository) = repository else {
            return Err(JobFailure::Fail(format!("repository {} does not exist in this project (any more)", request.repository_id)));
        };
        let outcome = match self.mark(run, &repository, (SyncStatus::Syncing, None)).await {
            Ok(()) => self.until_cancelled(run, &repository, request).await,
            Err(failure) => Err(failure),
        };
        let label = outcome.as_ref().map_or_else(SyncFailure::label, |_| "completed");
        metrics::counter!("commandcenter_repository_syncs_total", "outcome" => label).increment(1);
        match outcome {
            Ok(report) => Ok(report.into_value()),
            Err(failure) => Err(self.settle(run, &repository, failure).await),
        }
    }
}
