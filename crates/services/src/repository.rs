//! Repositories that a project tracks.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal, SignalBus};
use commandcenter_domain::identity::{ProjectScope, Role, SecretCipher};
use commandcenter_domain::job::{Job, JobFilter, JobKind, JobStatus, NewJob};
use commandcenter_domain::knowledge::{KnowledgeError, RepositoryDocuments};
use commandcenter_domain::repository::{
    AccessToken, Commit, NewRepository, Repository, RepositoryError, RepositoryFilter, RepositoryPatch, RepositorySortKey,
    RepositoryUpdate, SyncRequest, SyncStatus,
};
use commandcenter_domain::shared::{RepositoryId, Sort, Timestamp};
use commandcenter_domain::{Clock, Page, PageRequest, Patch, Store, StoreError, Tx};
use serde_json::{Value, json};

/// What tokens of a project's repositories are sealed for.
pub(crate) fn cipher_context(scope: &ProjectScope) -> String {
    format!("repository:{}", scope.project())
}

/// Use cases of tracked repositories.
pub struct RepositoryService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cipher: Arc<dyn SecretCipher>,
    signals: Arc<dyn SignalBus>,
    documents: Arc<dyn RepositoryDocuments>,
}

impl RepositoryService {
    /// A service over its ports.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cipher: Arc<dyn SecretCipher>,
        (signals, documents): (Arc<dyn SignalBus>, Arc<dyn RepositoryDocuments>),
    ) -> Self {
        Self { store, clock, cipher, signals, documents }
    }

    /// Tracks a repository. Its token is sealed before storage sees it.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, new: NewRepository) -> Result<Repository, RepositoryError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let sealed = new.access_token.as_ref().map(|token| self.seal(scope, token)).transpose()?;
        let tx = self.store.begin().await?;
        let repository = match tx.repositories().insert(scope, &new, sealed, now).await {
            Err(StoreError::Duplicate(_)) => return Err(RepositoryError::Exists(new.full_name())),
            inserted => inserted?,
        };
        let detail = json!({ "full_name": repository.full_name, "has_token": repository.has_token });
        record(&*tx, scope, Change { verb: "repository.created", kind: "cc.repository.created.v1", id: repository.id, detail, at: now })
            .await?;
        tx.commit().await?;
        Ok(repository)
    }

    /// One repository.
    pub async fn get(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Repository, RepositoryError> {
        let repository = self.find(scope, id).await?;
        if repository.sync_status != SyncStatus::Syncing || is_alive(&self.live_jobs(scope).await?, id) {
            return Ok(repository);
        }
        // Its run may have ended in between: then it has said how, before its job ended.
        Ok(orphaned(self.find(scope, id).await?))
    }

    async fn find(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Repository, RepositoryError> {
        self.store.repos().repositories().find(scope, id).await?.ok_or(RepositoryError::NotFound(id))
    }

    async fn live_jobs(&self, scope: &ProjectScope) -> Result<Vec<Job>, RepositoryError> {
        let status = JobStatus::ALL.iter().copied().filter(|status| !status.is_terminal()).collect();
        let filter = JobFilter { status, kind: Some(JobKind::RepositorySync), ..JobFilter::default() };
        let most = PageRequest::parse(None, i64::try_from(PageRequest::MAX_LIMIT).ok())?;
        Ok(self.store.repos().jobs().list(scope, &filter, None, most).await?.items)
    }

    /// One page of the project's repositories.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &RepositoryFilter,
        sort: Option<Sort<RepositorySortKey>>,
        page: PageRequest,
    ) -> Result<Page<Repository>, RepositoryError> {
        let mut found = self.store.repos().repositories().list(scope, filter, sort, page).await?;
        let is_syncing = |repository: &Repository| repository.sync_status == SyncStatus::Syncing;
        if found.items.iter().any(is_syncing) {
            let alive = self.live_jobs(scope).await?;
            for repository in found.items.iter_mut().filter(|one| is_syncing(one) && !is_alive(&alive, one.id)) {
                *repository = self.get(scope, repository.id).await?;
            }
        }
        Ok(found)
    }

    /// Changes what a person may change.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), repository.id = %id))]
    pub async fn update(&self, scope: &ProjectScope, id: RepositoryId, patch: RepositoryPatch) -> Result<Repository, RepositoryError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let detail = json!({ "fields": changed(&patch) });
        let RepositoryPatch { description, access_token, is_private, metadata } = patch;
        let sealed_token = access_token.try_map(|token| self.seal(scope, &token))?;
        let update = RepositoryUpdate { description, sealed_token, is_private, metadata };
        let tx = self.store.begin().await?;
        let updated = tx.repositories().update(scope, id, update, now).await?;
        let repository = updated.ok_or(RepositoryError::NotFound(id))?;
        record(&*tx, scope, Change { verb: "repository.updated", kind: "cc.repository.updated.v1", id, detail, at: now }).await?;
        tx.commit().await?;
        Ok(repository)
    }

    /// Stops tracking a repository: its commits and its documents in the knowledge base go with it.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), repository.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: RepositoryId) -> Result<(), RepositoryError> {
        scope.require(Role::Member)?;
        let repository = self.find(scope, id).await?;
        // First the documents, in a transaction of the knowledge base's own: a failure leaves a repository that can be deleted again.
        self.forget_documents(scope, id).await?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if !tx.repositories().delete(scope, id).await? {
            return Err(RepositoryError::NotFound(id));
        }
        let detail = json!({ "full_name": repository.full_name });
        record(&*tx, scope, Change { verb: "repository.deleted", kind: "cc.repository.deleted.v1", id, detail, at: now }).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn forget_documents(&self, scope: &ProjectScope, id: RepositoryId) -> Result<(), RepositoryError> {
        let stored = self.documents.stored(scope, id).await.map_err(documents_failed)?;
        let paths: Vec<String> = stored.into_keys().collect();
        if !paths.is_empty() {
            self.documents.remove(scope, id, &paths).await.map_err(documents_failed)?;
        }
        Ok(())
    }

    /// Enqueues a synchronisation. While one is pending or running, that one is given back.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), repository.id = %request.repository_id))]
    pub async fn sync(&self, scope: &ProjectScope, request: SyncRequest) -> Result<Job, RepositoryError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let id = request.repository_id;
        let tx = self.store.begin().await?;
        if tx.repositories().find(scope, id).await?.is_none() {
            return Err(RepositoryError::NotFound(id));
        }
        let parameters = json!({ "repository_id": id, "force": request.force });
        let new = NewJob { unique_key: Some(request.unique_key()), ..NewJob::ready(JobKind::RepositorySync, parameters, now) };
        let job = tx.jobs().enqueue(scope, new).await?;
        let detail = json!({ "job_id": job.id, "force": request.force });
        let audit = NewAudit { action: "repository.sync_requested", entity: "repository", entity_id: id.get(), detail, at: now };
        tx.audit().record(scope, audit).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        Ok(job)
    }

    /// One page of a repository's commits, newest first.
    pub async fn commits(&self, scope: &ProjectScope, id: RepositoryId, page: PageRequest) -> Result<Page<Commit>, RepositoryError> {
        self.find(scope, id).await?;
        Ok(self.store.repos().commits().list(scope, id, page).await?)
    }

    fn seal(&self, scope: &ProjectScope, token: &AccessToken) -> Result<Vec<u8>, RepositoryError> {
        Ok(self.cipher.seal(token.expose(), &cipher_context(scope))?)
    }
}

/// Whether a job that will say how it ended is still to run or running.
fn is_alive(jobs: &[Job], id: RepositoryId) -> bool {
    jobs.iter().any(|job| SyncRequest::parse(&job.parameters).is_ok_and(|request| request.repository_id == id))
}

/// A run whose worker died for the last time could not say so: it is said here.
fn orphaned(repository: Repository) -> Repository {
    match repository.sync_status {
        SyncStatus::Syncing => {
            let reason = "the last synchronisation was broken off before it could say why; start it again".to_owned();
            Repository { sync_status: SyncStatus::Failed, sync_error: Some(reason), ..repository }
        }
        SyncStatus::Never | SyncStatus::Synced | SyncStatus::Failed => repository,
    }
}

/// A change that the audit log keeps and that others may learn of.
pub(crate) struct Change {
    pub(crate) verb: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: RepositoryId,
    pub(crate) detail: Value,
    pub(crate) at: Timestamp,
}

/// Writes audit entry and event of a change into its transaction.
pub(crate) async fn record(tx: &dyn Tx, scope: &ProjectScope, change: Change) -> Result<(), StoreError> {
    let Change { verb, kind, id, detail, at } = change;
    let mut data = detail.clone();
    if let Value::Object(fields) = &mut data {
        fields.insert("repository_id".to_owned(), json!(id));
    }
    tx.audit().record(scope, NewAudit { action: verb, entity: "repository", entity_id: id.get(), detail, at }).await?;
    tx.outbox().publish(scope, NewEvent { kind, data, at }).await
}

fn changed(patch: &RepositoryPatch) -> Vec<&'static str> {
    let RepositoryPatch { description, access_token, is_private, metadata } = patch;
    let touched = [
        ("description", !matches!(description, Patch::Keep)),
        ("access_token", !matches!(access_token, Patch::Keep)),
        ("is_private", is_private.is_some()),
        ("metadata", !matches!(metadata, Patch::Keep)),
    ];
    touched.into_iter().filter_map(|(name, is_touched)| is_touched.then_some(name)).collect()
}

/// The knowledge base failed under a use case of repositories: for the caller it is storage that failed.
fn documents_failed(err: KnowledgeError) -> RepositoryError {
    match err {
        KnowledgeError::Store(err) => RepositoryError::Store(err),
        other => RepositoryError::Store(StoreError::Broken(Box::new(other))),
    }
}
