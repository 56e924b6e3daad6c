//! Tracked repositories in storage. Every method is told the scope.

use async_trait::async_trait;
use serde_json::Value;

use crate::identity::ProjectScope;
use crate::shared::{Page, PageRequest, Patch, RepositoryId, Sort, StoreError, Timestamp};

use super::{Commit, HostRepository, NewCommit, NewRepository, Repository, RepositoryFilter, RepositorySortKey, SyncStatus};

/// What a synchronisation needs to know besides the repository itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SyncState {
    /// Its token, sealed.
    pub sealed_token: Option<Vec<u8>>,
    /// The commit up to which everything is stored.
    pub cursor: Option<String>,
    /// The validator of the last answer about the repository itself.
    pub etag: Option<String>,
}

impl std::fmt::Debug for SyncState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncState").field("cursor", &self.cursor).field("etag", &self.etag).finish_non_exhaustive()
    }
}

/// A partial update whose token is sealed.
#[derive(Debug, Default)]
pub struct RepositoryUpdate {
    /// What it is about.
    pub description: Patch<String>,
    /// Its token, sealed.
    pub sealed_token: Patch<Vec<u8>>,
    /// Whether it is private.
    pub is_private: Option<bool>,
    /// Free data.
    pub metadata: Patch<Value>,
}

/// Tracked repositories in storage.
#[async_trait]
pub trait RepositoryRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the project tracks one of that name, whatever the case.
    async fn insert(
        &self,
        scope: &ProjectScope,
        new: &NewRepository,
        sealed_token: Option<Vec<u8>>,
        at: Timestamp,
    ) -> Result<Repository, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Option<Repository>, StoreError>;
    /// One page; without a sort, newest first.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &RepositoryFilter,
        sort: Option<Sort<RepositorySortKey>>,
        page: PageRequest,
    ) -> Result<Page<Repository>, StoreError>;
    /// The repository after the update; `None` when absent or another project's.
    async fn update(
        &self,
        scope: &ProjectScope,
        id: RepositoryId,
        update: RepositoryUpdate,
        at: Timestamp,
    ) -> Result<Option<Repository>, StoreError>;
    /// Whether there was one. Its commits go with it.
    async fn delete(&self, scope: &ProjectScope, id: RepositoryId) -> Result<bool, StoreError>;

    /// What a synchronisation starts from; `None` when absent or another project's.
    async fn sync_state(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Option<SyncState>, StoreError>;
    /// Says how the copy stands, and why.
    async fn set_sync_status(
        &self,
        scope: &ProjectScope,
        id: RepositoryId,
        status: SyncStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError>;
    /// Takes over what the host says about the repository; [`StoreError::Duplicate`] when it was renamed to one the project tracks already.
    async fn set_metadata(&self, scope: &ProjectScope, id: RepositoryId, known: &HostRepository, at: Timestamp) -> Result<(), StoreError>;
    /// Shows the newest commit; `None` for a repository without commits.
    async fn set_head(&self, scope: &ProjectScope, id: RepositoryId, head: Option<&NewCommit>, at: Timestamp) -> Result<(), StoreError>;
    /// Ends a run: everything up to `cursor` is stored, and the metadata is that of `etag`.
    async fn finish_sync(&self, scope: &ProjectScope, id: RepositoryId, state: &SyncState, at: Timestamp) -> Result<(), StoreError>;
}

/// Commits of tracked repositories.
#[async_trait]
pub trait CommitRepo: Send + Sync {
    /// Stores those that are not there yet, told apart by their hash; answers how many these were.
    async fn insert_missing(&self, scope: &ProjectScope, repository: RepositoryId, commits: &[NewCommit]) -> Result<u64, StoreError>;
    /// One page, newest first.
    async fn list(&self, scope: &ProjectScope, repository: RepositoryId, page: PageRequest) -> Result<Page<Commit>, StoreError>;
}
