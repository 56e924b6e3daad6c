//! The job `source_sync`: reads a source into the knowledge base.
//!
//! Every item is settled in a transaction of its own, with the run's counters: a run that dies is gone on with by the next attempt of its
//! job, which leaves alone what is settled. An item that cannot be read is written down, and the run goes on.

mod failure;
mod item;
mod repository;
mod steps;

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::SecretCipher;
use commandcenter_domain::job::{JobFailure, JobHandler, JobKind, JobRun};
use commandcenter_domain::knowledge::SourceDocuments;
use commandcenter_domain::source::{
    RunStatus, RunUpdate, Source, SourceReader, SourceRun, SourceStatus, SourceSyncRequest, Standing, Validators,
};
use commandcenter_domain::{Clock, Store, StoreError};
use futures::future::{Either, select};
use serde_json::{Value, json};

use failure::SyncFailure;
use steps::{Progress, Sync};

/// Reads sources.
pub struct SourceSyncService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cipher: Arc<dyn SecretCipher>,
    reader: Arc<dyn SourceReader>,
    documents: Arc<dyn SourceDocuments>,
}

impl SourceSyncService {
    /// A service over its ports.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cipher: Arc<dyn SecretCipher>,
        (reader, documents): (Arc<dyn SourceReader>, Arc<dyn SourceDocuments>),
    ) -> Self {
        Self { store, clock, cipher, reader, documents }
    }

    async fn read(&self, run: &dyn JobRun, source: &Source) -> Result<Value, JobFailure> {
        let sources = self.store.repos().sources();
        let record = sources.begin_run(run.scope(), source.id, run.id(), self.clock.now()).await.map_err(|err| JobFailure::of(&err))?;
        let running = Standing { status: SourceStatus::Running, error: source.last_error.clone(), at: self.clock.now() };
        sources.stand(run.scope(), source.id, &running).await.map_err(|err| JobFailure::of(&err))?;
        let mut progress = Progress { counters: record.counters, ..Progress::default() };
        let outcome = self.until_cancelled(run, (source, &record), &mut progress).await;
        let label = outcome.as_ref().map_or_else(SyncFailure::label, |_| "completed");
        metrics::counter!("commandcenter_source_runs_total", "type" => source.place.kind().as_str(), "outcome" => label).increment(1);
        match outcome {
            Ok(validators) => self.finish(run, (source, &record), (progress, validators)).await.map_err(|err| JobFailure::of(&err)),
            Err(failure) => Err(self.settle(run, (source, &record), (progress, failure)).await),
        }
    }

    async fn until_cancelled(
        &self,
        run: &dyn JobRun,
        (source, record): (&Source, &SourceRun),
        progress: &mut Progress,
    ) -> Result<Option<Validators>, SyncFailure> {
        let work = Box::pin(Sync::read(self, run, (source, record), progress));
        match select(work, run.cancelled()).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(SyncFailure::Cancelled),
        }
    }

    async fn finish(
        &self,
        run: &dyn JobRun,
        (source, record): (&Source, &SourceRun),
        (progress, validators): (Progress, Option<Validators>),
    ) -> Result<Value, StoreError> {
        let (scope, now) = (run.scope(), self.clock.now());
        let counters = progress.counters;
        let told = json!({
            "source_id": source.id,
            "run_id": record.id,
            "added": counters.added,
            "updated": counters.updated,
            "unchanged": counters.unchanged,
            "gone": counters.gone,
            "failed": counters.failed,
            "skipped": counters.skipped,
        });
        let tx = self.store.begin().await?;
        if let Some(validators) = validators {
            tx.sources().set_validators(scope, source.id, &validators).await?;
        }
        let update = RunUpdate { status: RunStatus::Completed, counters, error: None, notes: progress.notes, finished_at: Some(now) };
        tx.sources().update_run(scope, record.id, &update).await?;
        tx.sources().stand(scope, source.id, &Standing { status: SourceStatus::Success, error: None, at: now }).await?;
        tx.outbox().publish(scope, NewEvent { kind: "cc.source.synced.v1", data: told.clone(), at: now }).await?;
        tx.commit().await?;
        run.progress(100, "up to date").await;
        Ok(told)
    }

    /// Leaves the source and the run saying what is true now, and tells the engine what to do next.
    async fn settle(
        &self,
        run: &dyn JobRun,
        (source, record): (&Source, &SourceRun),
        (progress, failure): (Progress, SyncFailure),
    ) -> JobFailure {
        let failure = failure.into_job_failure();
        let before = if source.last_success_at.is_some() { SourceStatus::Success } else { SourceStatus::Pending };
        let (status, standing, reason) = match &failure {
            JobFailure::Cancelled => (RunStatus::Cancelled, before, source.last_error.clone()),
            JobFailure::Retry(reason) | JobFailure::Fail(reason) | JobFailure::WaitUntil { reason, .. } => {
                (RunStatus::Failed, SourceStatus::Error, Some(reason.clone()))
            }
        };
        let error = if status == RunStatus::Failed { reason.clone() } else { None };
        let (counters, now) = (progress.counters, self.clock.now());
        let update = RunUpdate { status, counters, error, notes: progress.notes, finished_at: Some(now) };
        let sources = self.store.repos().sources();
        let written = match sources.update_run(run.scope(), record.id, &update).await {
            Ok(()) => sources.stand(run.scope(), source.id, &Standing { status: standing, error: reason, at: now }).await,
            Err(err) => Err(err),
        };
        if let Err(err) = written {
            tracing::error!(error = %err, "the state of the source could not be written");
        }
        failure
    }
}

#[async_trait]
impl JobHandler for SourceSyncService {
    fn kind(&self) -> JobKind {
        JobKind::SourceSync
    }

    /// Fails with a reason a person understands; it is kept beside the source and its run too.
    #[tracing::instrument(skip_all, fields(project.id = %run.scope().project(), job.id = %run.id()))]
    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let request = SourceSyncRequest::parse(parameters).map_err(|err| JobFailure::Fail(err.to_string()))?;
        let source = self.store.repos().sources().find(run.scope(), request.source_id).await.map_err(|err| JobFailure::of(&err))?;
        let Some(source) = source else {
            return Err(JobFailure::Fail(format!("source {} does not exist in this project (any more)", request.source_id)));
        };
        if !source.is_enabled {
            return Err(JobFailure::Fail("the source is paused".to_owned()));
        }
        self.read(run, &source).await
    }
}
