//! Tasks: lists, figures and changes.

use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::research::{Brief, DueWindow, ResearchError, Task, TaskFilter, TaskInput, TaskOverview, TaskSort, TaskState};
use commandcenter_domain::shared::{Precondition, Sort, TaskId, Timestamp};
use commandcenter_domain::{Page, PageRequest, Patch, Tx};

use super::{Change, ResearchService, found, record, remove_files};

/// A change of how far a task is, and of nothing else.
#[derive(Debug, Clone)]
pub enum Move {
    /// To this status.
    Status(String),
    /// To this percentage.
    Progress(i64),
}

impl ResearchService {
    /// One page of the project's tasks.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TaskFilter,
        sort: Option<Sort<TaskSort>>,
        page: PageRequest,
    ) -> Result<Page<Task>, ResearchError> {
        Ok(self.store.repos().tasks().list(scope, filter, sort, page).await?)
    }

    /// Open tasks due within days from now, the earliest first.
    pub async fn upcoming(&self, scope: &ProjectScope, days: Option<i64>, page: PageRequest) -> Result<Page<Task>, ResearchError> {
        let window = DueWindow::parse(days, self.clock.now())?;
        Ok(self.store.repos().tasks().due(scope, window, page).await?)
    }

    /// Open tasks past their date, the longest overdue first.
    pub async fn overdue(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Task>, ResearchError> {
        Ok(self.store.repos().tasks().due(scope, DueWindow::overdue(self.clock.now()), page).await?)
    }

    /// Figures over the tasks that pass a filter.
    pub async fn overview(&self, scope: &ProjectScope, filter: &TaskFilter) -> Result<TaskOverview, ResearchError> {
        Ok(self.store.repos().tasks().overview(scope, filter, self.clock.now()).await?)
    }

    /// One task.
    pub async fn get(&self, scope: &ProjectScope, id: TaskId) -> Result<Task, ResearchError> {
        self.store.repos().tasks().find(scope, id).await?.ok_or(ResearchError::NotFound(id))
    }

    /// Makes a task.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, input: TaskInput) -> Result<Task, ResearchError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let (brief, state) = input.over(Brief::blank(), TaskState::NEW, now)?;
        let tx = self.store.begin().await?;
        references(&*tx, scope, &brief).await?;
        let task = tx.tasks().insert(scope, &brief, state, now).await?;
        record(&*tx, scope, (task.id, now), Change::Created(&task)).await?;
        tx.commit().await?;
        Ok(task)
    }

    /// Changes a task.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), task.id = %id))]
    pub async fn update(
        &self,
        scope: &ProjectScope,
        id: TaskId,
        input: TaskInput,
        condition: &Precondition,
    ) -> Result<Task, ResearchError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, condition).await?;
        let (brief, state) = input.over(before.brief.clone(), before.state, now)?;
        references(&*tx, scope, &brief).await?;
        let task = changed(&before, brief, state, now);
        tx.tasks().update(scope, &task).await?;
        record(&*tx, scope, (id, now), Change::Updated(&before, &task)).await?;
        tx.commit().await?;
        Ok(task)
    }

    /// Changes how far a task is, by the same rules as [`Self::update`].
    pub async fn advance(&self, scope: &ProjectScope, id: TaskId, step: Move) -> Result<Task, ResearchError> {
        let input = match step {
            Move::Status(status) => TaskInput { status: Patch::Set(status), ..TaskInput::default() },
            Move::Progress(progress) => TaskInput { progress_percentage: Patch::Set(progress), ..TaskInput::default() },
        };
        self.update(scope, id, input, &Precondition::Nothing).await
    }

    /// Deletes a task; after the commit its files go too.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), task.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: TaskId, condition: &Precondition) -> Result<(), ResearchError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let task = found(&*tx, scope, id, condition).await?;
        let documents = tx.tasks().documents(scope, id).await?;
        tx.tasks().delete(scope, id).await?;
        record(&*tx, scope, (id, now), Change::Deleted(&task)).await?;
        tx.commit().await?;
        let keys: Vec<_> = documents.into_iter().map(|document| document.key).collect();
        remove_files(&*self.files, &keys).await;
        Ok(())
    }
}

fn changed(before: &Task, brief: Brief, state: TaskState, now: Timestamp) -> Task {
    Task { brief, state, version: before.version + 1, updated_at: now, ..before.clone() }
}

/// What a task refers to must be the project's own.
async fn references(tx: &dyn Tx, scope: &ProjectScope, brief: &Brief) -> Result<(), ResearchError> {
    if let Some(id) = brief.technology {
        tx.technologies().find(scope, id).await?.ok_or(ResearchError::NoTechnology(id))?;
    }
    if let Some(id) = brief.repository {
        tx.repositories().find(scope, id).await?.ok_or(ResearchError::NoRepository(id))?;
    }
    Ok(())
}
