//! Technologies on a project's radar.

use std::sync::Arc;

use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::research::FileStore;
use commandcenter_domain::shared::{Precondition, RepositoryId, Sort, TechnologyId, Timestamp};
use commandcenter_domain::technology::{
    Profile, ProfileInput, RepositoryLink, Technology, TechnologyError, TechnologyFilter, TechnologySort,
};
use commandcenter_domain::{Clock, Page, PageRequest, Store, StoreError, Tx};
use serde_json::{Value, json};

use crate::journal::{self, Entry};

/// Use cases of technologies.
pub struct TechnologyService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    files: Arc<dyn FileStore>,
}

/// A technology with the repositories it is linked to.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// The technology.
    pub technology: Technology,
    /// Its repositories, ascending.
    pub repositories: Vec<RepositoryId>,
}

impl TechnologyService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, files: Arc<dyn FileStore>) -> Self {
        Self { store, clock, files }
    }

    /// One page of the project's technologies, in one statement.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TechnologyFilter,
        sort: Option<Sort<TechnologySort>>,
        page: PageRequest,
    ) -> Result<Page<Technology>, TechnologyError> {
        Ok(self.store.repos().technologies().list(scope, filter, sort, page).await?)
    }

    /// One technology.
    pub async fn get(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Linked, TechnologyError> {
        let repos = self.store.repos();
        let technology = repos.technologies().find(scope, id).await?.ok_or(TechnologyError::NotFound(id))?;
        let repositories = repos.technologies().linked_ids(scope, id).await?;
        Ok(Linked { technology, repositories })
    }

    /// Puts a technology on the radar.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, input: ProfileInput) -> Result<Linked, TechnologyError> {
        scope.require(Role::Member)?;
        let profile = input.over(Profile::blank())?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let inserted = tx.technologies().insert(scope, &profile, now).await;
        let technology = inserted.map_err(|err| taken(err, &profile))?;
        record(&*tx, scope, (technology.id, now), Change::Created(&technology)).await?;
        tx.commit().await?;
        Ok(Linked { technology, repositories: Vec::new() })
    }

    /// Changes a technology.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), technology.id = %id))]
    pub async fn update(
        &self,
        scope: &ProjectScope,
        id: TechnologyId,
        input: ProfileInput,
        condition: &Precondition,
    ) -> Result<Linked, TechnologyError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, condition).await?;
        let profile = input.over(before.profile.clone())?;
        let technology = Technology { profile, version: before.version + 1, updated_at: now, ..before.clone() };
        let updated = tx.technologies().update(scope, &technology).await;
        updated.map_err(|err| taken(err, &technology.profile))?;
        record(&*tx, scope, (id, now), Change::Updated(&before, &technology)).await?;
        let repositories = tx.technologies().linked_ids(scope, id).await?;
        tx.commit().await?;
        Ok(Linked { technology, repositories })
    }

    /// Takes a technology off the radar; its research tasks go with it, and after the commit their files.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), technology.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: TechnologyId, condition: &Precondition) -> Result<(), TechnologyError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let technology = found(&*tx, scope, id, condition).await?;
        let files = tx.tasks().files_about(scope, id).await?;
        tx.technologies().delete(scope, id).await?;
        record(&*tx, scope, (id, now), Change::Deleted(&technology)).await?;
        tx.commit().await?;
        crate::research::remove_files(&*self.files, &files).await;
        Ok(())
    }

    /// One page of the repositories a technology is linked to.
    pub async fn repositories(
        &self,
        scope: &ProjectScope,
        id: TechnologyId,
        page: PageRequest,
    ) -> Result<Page<RepositoryLink>, TechnologyError> {
        let repos = self.store.repos();
        repos.technologies().find(scope, id).await?.ok_or(TechnologyError::NotFound(id))?;
        Ok(repos.technologies().linked(scope, id, page).await?)
    }

    /// Links a repository of the same project. Linking again changes nothing.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), technology.id = %id, repository.id = %repository))]
    pub async fn link(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId) -> Result<(), TechnologyError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, &Precondition::Nothing).await?;
        tx.repositories().find(scope, repository).await?.ok_or(TechnologyError::NoRepository(repository))?;
        if tx.technologies().link(scope, id, repository, now).await? {
            moved_on(&*tx, scope, before, (Change::Linked(repository), now)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Unlinks a repository.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), technology.id = %id, repository.id = %repository))]
    pub async fn unlink(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId) -> Result<(), TechnologyError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, &Precondition::Nothing).await?;
        if !tx.technologies().unlink(scope, id, repository).await? {
            return Err(TechnologyError::NoRepository(repository));
        }
        moved_on(&*tx, scope, before, (Change::Unlinked(repository), now)).await?;
        Ok(tx.commit().await?)
    }
}

/// The technology, kept still until the transaction ends, if the caller's condition holds.
async fn found(tx: &dyn Tx, scope: &ProjectScope, id: TechnologyId, condition: &Precondition) -> Result<Technology, TechnologyError> {
    let technology = tx.technologies().find_for_update(scope, id).await?.ok_or(TechnologyError::NotFound(id))?;
    if condition.holds(technology.version) { Ok(technology) } else { Err(TechnologyError::Stale { current: technology.version }) }
}

/// Links show in the technology's view, so they move its version.
async fn moved_on(tx: &dyn Tx, scope: &ProjectScope, before: Technology, (change, now): (Change<'_>, Timestamp)) -> Result<(), StoreError> {
    let technology = Technology { version: before.version + 1, updated_at: now, ..before };
    tx.technologies().update(scope, &technology).await?;
    record(tx, scope, (technology.id, now), change).await
}

fn taken(err: StoreError, profile: &Profile) -> TechnologyError {
    match err {
        StoreError::Duplicate(_) => TechnologyError::TitleTaken(profile.title.as_str().to_owned()),
        other => TechnologyError::Store(other),
    }
}

/// What happened to a technology.
pub(crate) enum Change<'a> {
    Created(&'a Technology),
    Updated(&'a Technology, &'a Technology),
    Deleted(&'a Technology),
    Linked(RepositoryId),
    Unlinked(RepositoryId),
}

impl Change<'_> {
    fn told(&self) -> (&'static str, &'static str, Value) {
        let summary =
            |one: &Technology| json!({ "title": one.profile.title.as_str(), "status": one.profile.status, "version": one.version });
        match self {
            Self::Created(one) => ("technology.created", "cc.technology.created.v1", summary(one)),
            Self::Updated(before, after) => {
                let mut detail = summary(after);
                detail["previous_status"] = json!(before.profile.status);
                ("technology.updated", "cc.technology.updated.v1", detail)
            }
            Self::Deleted(one) => ("technology.deleted", "cc.technology.deleted.v1", summary(one)),
            Self::Linked(repository) => ("technology.linked", "cc.technology.linked.v1", json!({ "repository_id": repository })),
            Self::Unlinked(repository) => ("technology.unlinked", "cc.technology.unlinked.v1", json!({ "repository_id": repository })),
        }
    }
}

/// Writes what a change leaves behind.
pub(crate) async fn record(
    tx: &dyn Tx,
    scope: &ProjectScope,
    (id, at): (TechnologyId, Timestamp),
    change: Change<'_>,
) -> Result<(), StoreError> {
    let (action, kind, detail) = change.told();
    journal::record(tx, scope, Entry { action, kind, entity: "technology", id: id.get(), detail, at }).await
}
