//! Research tasks in storage. Every method is told the scope.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{Page, PageRequest, Sort, StoreError, TaskDocumentId, TaskId, TechnologyId, Timestamp};

use super::{Brief, DueWindow, FileKey, NewDocument, Task, TaskDocument, TaskFilter, TaskOverview, TaskSort, TaskState};

/// Research tasks in storage.
#[async_trait]
pub trait TaskRepo: Send + Sync {
    /// A new task of version 1.
    async fn insert(&self, scope: &ProjectScope, brief: &Brief, state: TaskState, at: Timestamp) -> Result<Task, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// The same, keeping others from changing it until the transaction ends.
    async fn find_for_update(&self, scope: &ProjectScope, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// One page, in one statement; without a sort the last changed first.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TaskFilter,
        sort: Option<Sort<TaskSort>>,
        page: PageRequest,
    ) -> Result<Page<Task>, StoreError>;
    /// One page of the tasks in a window, the earliest due first.
    async fn due(&self, scope: &ProjectScope, window: DueWindow, page: PageRequest) -> Result<Page<Task>, StoreError>;
    /// Writes a task whose brief, state, version and time of change were set.
    async fn update(&self, scope: &ProjectScope, task: &Task) -> Result<(), StoreError>;
    /// Whether there was one. The rows of its files go with it.
    async fn delete(&self, scope: &ProjectScope, id: TaskId) -> Result<bool, StoreError>;
    /// Figures over the tasks that pass the filter's technology and repository, in a constant number of statements.
    async fn overview(&self, scope: &ProjectScope, filter: &TaskFilter, now: Timestamp) -> Result<TaskOverview, StoreError>;

    /// Attaches a file.
    async fn attach(&self, scope: &ProjectScope, task: TaskId, document: &NewDocument, at: Timestamp) -> Result<TaskDocument, StoreError>;
    /// Every file of a task, oldest first.
    async fn documents(&self, scope: &ProjectScope, task: TaskId) -> Result<Vec<TaskDocument>, StoreError>;
    /// `None` when absent, another task's or another project's.
    async fn document(&self, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<Option<TaskDocument>, StoreError>;
    /// Whether there was one. Its bytes are the caller's to remove, after the commit.
    async fn detach(&self, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<bool, StoreError>;
    /// Where the files of all tasks about a technology are.
    async fn files_about(&self, scope: &ProjectScope, technology: TechnologyId) -> Result<Vec<FileKey>, StoreError>;
    /// Of these files, those that no task of any project has.
    async fn unowned(&self, keys: &[FileKey]) -> Result<Vec<FileKey>, StoreError>;
}
