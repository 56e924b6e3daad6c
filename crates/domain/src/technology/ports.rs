//! Technologies in storage. Every method is told the scope.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{Page, PageRequest, RepositoryId, Sort, StoreError, TechnologyId, Timestamp};

use super::{Profile, RepositoryLink, Technology, TechnologyFilter, TechnologySort};

/// Most titles that are looked up at once.
pub const MOST_TITLES: usize = 1_000;

/// Technologies in storage.
#[async_trait]
pub trait TechnologyRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the project has one of that title, whatever the case.
    async fn insert(&self, scope: &ProjectScope, profile: &Profile, at: Timestamp) -> Result<Technology, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Option<Technology>, StoreError>;
    /// The same, keeping others from changing it until the transaction ends.
    async fn find_for_update(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Option<Technology>, StoreError>;
    /// Those with one of these keys of titles, in one statement for up to [`MOST_TITLES`] keys.
    async fn find_titled(&self, scope: &ProjectScope, keys: &[String]) -> Result<Vec<Technology>, StoreError>;
    /// The same, keeping others from changing them until the transaction ends.
    async fn find_titled_for_update(&self, scope: &ProjectScope, keys: &[String]) -> Result<Vec<Technology>, StoreError>;
    /// One page, in one statement.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TechnologyFilter,
        sort: Option<Sort<TechnologySort>>,
        page: PageRequest,
    ) -> Result<Page<Technology>, StoreError>;
    /// Writes a technology whose profile, version and time of change were set; [`StoreError::Duplicate`] as for an insert.
    async fn update(&self, scope: &ProjectScope, technology: &Technology) -> Result<(), StoreError>;
    /// Whether there was one. Its links and research tasks go with it.
    async fn delete(&self, scope: &ProjectScope, id: TechnologyId) -> Result<bool, StoreError>;

    /// Links a repository; whether the link is new.
    async fn link(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId, at: Timestamp) -> Result<bool, StoreError>;
    /// Unlinks a repository; whether there was a link.
    async fn unlink(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId) -> Result<bool, StoreError>;
    /// The linked repositories' ids, ascending.
    async fn linked_ids(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Vec<RepositoryId>, StoreError>;
    /// One page of the linked repositories, by name.
    async fn linked(&self, scope: &ProjectScope, id: TechnologyId, page: PageRequest) -> Result<Page<RepositoryLink>, StoreError>;
}
