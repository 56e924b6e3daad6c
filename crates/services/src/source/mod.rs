//! Sources of documents: made, changed, read and paused by a project's members.

mod check;
mod push;
mod schedule;

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::identity::{ProjectScope, Role, SecretCipher};
use commandcenter_domain::job::{Job, JobKind, NewJob};
use commandcenter_domain::knowledge::SourceDocuments;
use commandcenter_domain::shared::{Precondition, Sort, SourceId, SourceRunId, Timestamp};
use commandcenter_domain::source::{
    ItemError, ItemState, NewSource, PushSignatures, Source, SourceError, SourceFilter, SourceInput, SourceItem, SourceReader, SourceRun,
    SourceSort, SourceSyncRequest, SourceUpdate,
};
use commandcenter_domain::{Clock, Page, PageRequest, Patch, Store, StoreError, Tx};
use serde_json::json;

use crate::journal::{self, Entry};

pub use push::{PushProof, Pushed};

/// What sources are built on.
#[derive(Clone)]
pub struct SourcePorts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Wakes workers.
    pub signals: Arc<dyn SignalBus>,
    /// Seals secrets.
    pub cipher: Arc<dyn SecretCipher>,
    /// The knowledge base.
    pub documents: Arc<dyn SourceDocuments>,
    /// Reads what sources name.
    pub reader: Arc<dyn SourceReader>,
    /// Judges pushes.
    pub signatures: Arc<dyn PushSignatures>,
}

/// Use cases of sources.
pub struct SourceService {
    ports: SourcePorts,
}

impl std::fmt::Debug for SourceService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceService")
    }
}

impl SourceService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: SourcePorts) -> Self {
        Self { ports }
    }

    /// Makes a source. One with a schedule needs a maintainer, as schedules do.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, input: SourceInput) -> Result<Source, SourceError> {
        scope.require(needed(&input))?;
        let new = input.over(None)?;
        check::place(&*self.ports.reader, &new)?;
        let now = self.ports.clock.now();
        let update = SourceUpdate { source: &new, sealed_secret: self.sealed(scope, &new)?, at: now };
        let tx = self.ports.store.begin().await?;
        check::repository(&*tx, scope, &new).await?;
        let source = tx.sources().insert(scope, &update).await.map_err(|err| taken(err, &new))?;
        schedule::arrange(&*tx, scope, &source, (&new, now)).await?;
        let source = found(&*tx, scope, source.id).await?;
        record(&*tx, scope, &source, (CREATED, now)).await?;
        self.committed(tx).await?;
        Ok(source)
    }

    /// One source.
    pub async fn get(&self, scope: &ProjectScope, id: SourceId) -> Result<Source, SourceError> {
        self.ports.store.repos().sources().find(scope, id).await?.ok_or(SourceError::NotFound(id))
    }

    /// A page of the project's sources.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: SourceFilter,
        sort: Option<Sort<SourceSort>>,
        page: PageRequest,
    ) -> Result<Page<Source>, SourceError> {
        Ok(self.ports.store.repos().sources().list(scope, filter, sort, page).await?)
    }

    /// Changes a source, pauses it or lets it go on. Its schedule fires while it is enabled only.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), source.id = %id))]
    pub async fn update(
        &self,
        scope: &ProjectScope,
        id: SourceId,
        input: SourceInput,
        condition: &Precondition,
    ) -> Result<Source, SourceError> {
        scope.require(needed(&input))?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let before = found(&*tx, scope, id).await?;
        if !condition.holds(before.version) {
            return Err(SourceError::Stale { current: before.version });
        }
        let new = input.over(Some(&before))?;
        check::place(&*self.ports.reader, &new)?;
        let update = SourceUpdate { source: &new, sealed_secret: self.sealed(scope, &new)?, at: now };
        check::repository(&*tx, scope, &new).await?;
        let updated = tx.sources().update(scope, id, &update).await.map_err(|err| taken(err, &new))?;
        schedule::arrange(&*tx, scope, &updated.ok_or(SourceError::NotFound(id))?, (&new, now)).await?;
        let source = found(&*tx, scope, id).await?;
        record(&*tx, scope, &source, (UPDATED, now)).await?;
        self.committed(tx).await?;
        Ok(source)
    }

    /// Deletes a source with its items, runs, schedule and documents.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), source.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: SourceId) -> Result<(), SourceError> {
        scope.require(Role::Member)?;
        let source = self.get(scope, id).await?;
        if source.schedule.is_some() {
            scope.require(Role::Maintainer)?;
        }
        // First the documents, in a transaction of the knowledge base's own: a failure leaves a source that can be deleted again.
        let items = self.ports.store.repos().sources().items(scope, id).await?;
        let documents: Vec<_> = items.into_iter().filter_map(|item| item.document).collect();
        self.ports.documents.remove(scope, id, &documents).await?;
        let tx = self.ports.store.begin().await?;
        if let Some(schedule) = source.schedule {
            tx.schedules().delete(scope, schedule).await?;
        }
        if !tx.sources().delete(scope, id).await? {
            return Err(SourceError::NotFound(id));
        }
        record(&*tx, scope, &source, (DELETED, self.ports.clock.now())).await?;
        self.committed(tx).await
    }

    /// Enqueues a run. While one is pending or running, that one is given back.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), source.id = %id))]
    pub async fn run(&self, scope: &ProjectScope, id: SourceId) -> Result<(Job, Source), SourceError> {
        scope.require(Role::Member)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let source = found(&*tx, scope, id).await?;
        if !source.place.kind().is_read() {
            return Err(SourceError::NotRead(source.place.kind()));
        }
        if !source.is_enabled {
            return Err(SourceError::Paused);
        }
        let request = SourceSyncRequest { source_id: id };
        let new = NewJob {
            unique_key: Some(request.unique_key()),
            priority: source.priority,
            ..NewJob::ready(JobKind::SourceSync, json!({ "source_id": id }), now)
        };
        let job = tx.jobs().enqueue(scope, new).await?;
        let detail = json!({ "job_id": job.id });
        let audit = NewAudit { action: "source.run_requested", entity: "source", entity_id: id.get(), detail, at: now };
        tx.audit().record(scope, audit).await?;
        tx.commit().await?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok((job, source))
    }

    /// A page of a source's runs, newest first.
    pub async fn runs(&self, scope: &ProjectScope, id: SourceId, page: PageRequest) -> Result<Page<SourceRun>, SourceError> {
        self.get(scope, id).await?;
        Ok(self.ports.store.repos().sources().runs(scope, id, page).await?)
    }

    /// One run, with a page of what it could not read.
    pub async fn run_detail(
        &self,
        scope: &ProjectScope,
        (id, run): (SourceId, SourceRunId),
        page: PageRequest,
    ) -> Result<(SourceRun, Page<ItemError>), SourceError> {
        self.get(scope, id).await?;
        let sources = self.ports.store.repos().sources();
        let found = sources.run(scope, id, run).await?.ok_or(SourceError::RunNotFound(run))?;
        Ok((found, sources.errors(scope, run, page).await?))
    }

    /// A page of a source's items, by key.
    pub async fn items(
        &self,
        scope: &ProjectScope,
        id: SourceId,
        state: Option<ItemState>,
        page: PageRequest,
    ) -> Result<Page<SourceItem>, SourceError> {
        self.get(scope, id).await?;
        Ok(self.ports.store.repos().sources().list_items(scope, id, state, page).await?)
    }

    fn sealed(&self, scope: &ProjectScope, new: &NewSource) -> Result<Option<Vec<u8>>, SourceError> {
        let seal = |secret: &str| self.ports.cipher.seal(secret, &cipher_context(scope));
        Ok(new.secret.as_ref().map(|secret| seal(secret.expose())).transpose()?)
    }

    async fn committed(&self, tx: Box<dyn Tx>) -> Result<(), SourceError> {
        tx.commit().await?;
        Ok(())
    }
}

/// What secrets of a project's sources are sealed for.
fn cipher_context(scope: &ProjectScope) -> String {
    format!("source:{}", scope.project())
}

/// A schedule is a maintainer's to make, change and remove.
fn needed(input: &SourceInput) -> Role {
    if matches!(input.schedule, Patch::Keep) { Role::Member } else { Role::Maintainer }
}

fn taken(err: StoreError, new: &NewSource) -> SourceError {
    match err {
        StoreError::Duplicate(_) => SourceError::Exists(new.name.clone()),
        other => SourceError::Store(other),
    }
}

async fn found(tx: &dyn Tx, scope: &ProjectScope, id: SourceId) -> Result<Source, SourceError> {
    tx.sources().find(scope, id).await?.ok_or(SourceError::NotFound(id))
}

type Told = (&'static str, &'static str);

const CREATED: Told = ("source.created", "cc.source.created.v1");
const UPDATED: Told = ("source.updated", "cc.source.updated.v1");
const DELETED: Told = ("source.deleted", "cc.source.deleted.v1");

async fn record(tx: &dyn Tx, scope: &ProjectScope, source: &Source, ((action, kind), at): (Told, Timestamp)) -> Result<(), StoreError> {
    let detail = json!({ "name": source.name, "type": source.place.kind(), "enabled": source.is_enabled });
    journal::record(tx, scope, Entry { action, kind, entity: "source", id: source.id.get(), detail, at }).await
}
