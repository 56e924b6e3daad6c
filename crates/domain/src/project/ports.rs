//! What projects need of storage.

use async_trait::async_trait;

use crate::identity::{ProjectScope, Role};
use crate::shared::{Page, PageRequest, ProjectId, Sort, StoreError, Timestamp, UserId};

use super::{Member, NewProject, Project, ProjectKey, ProjectPatch, ProjectStats};

/// Projects in storage.
#[async_trait]
pub trait ProjectRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the owner has one of that name.
    async fn insert(&self, new: &NewProject, at: Timestamp) -> Result<ProjectId, StoreError>;
    /// The project of a scope.
    async fn find(&self, scope: &ProjectScope) -> Result<Option<Project>, StoreError>;
    /// The projects a user is a member of; only `only` when given.
    async fn list(
        &self,
        user: UserId,
        only: Option<ProjectId>,
        page: PageRequest,
        sort: Option<Sort<ProjectKey>>,
    ) -> Result<Page<Project>, StoreError>;
    /// [`StoreError::Duplicate`] when the owner has one of the new name.
    async fn update(&self, scope: &ProjectScope, patch: &ProjectPatch, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes the project with everything in it.
    async fn delete(&self, scope: &ProjectScope) -> Result<(), StoreError>;
    /// How much it holds: one statement.
    async fn stats(&self, scope: &ProjectScope) -> Result<ProjectStats, StoreError>;
}

/// Memberships in storage.
#[async_trait]
pub trait MembershipRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the user is a member already.
    async fn insert(&self, project: ProjectId, user: UserId, role: Role, at: Timestamp) -> Result<(), StoreError>;
    /// One member.
    async fn find(&self, scope: &ProjectScope, user: UserId) -> Result<Option<Member>, StoreError>;
    /// All members by their beginning.
    async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Member>, StoreError>;
    /// Changes a member's role.
    async fn set_role(&self, scope: &ProjectScope, user: UserId, role: Role) -> Result<(), StoreError>;
    /// Removes a member.
    async fn delete(&self, scope: &ProjectScope, user: UserId) -> Result<(), StoreError>;
    /// How many owners the project has. Within a transaction it also keeps others from changing that meanwhile.
    async fn owners(&self, scope: &ProjectScope) -> Result<u64, StoreError>;
}
