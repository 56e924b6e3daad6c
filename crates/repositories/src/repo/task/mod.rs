//! Research tasks.

mod document;
mod list;
mod row;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{
    Brief, DueWindow, FileKey, NewDocument, Task, TaskDocument, TaskFilter, TaskOverview, TaskRepo, TaskSort, TaskState,
};
use commandcenter_domain::shared::{Sort, TaskDocumentId, TaskId, TechnologyId, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};

use self::row::Counted;
use crate::entity::research_task::{Column, Entity};
use crate::error::{broken, sort};
use crate::store::On;

/// Every read of one starts here, so none can forget the scope.
fn one(scope: &ProjectScope, id: TaskId) -> Select<Entity> {
    list::counted(Entity::find()).filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

async fn read(db: &impl ConnectionTrait, query: Select<Entity>) -> Result<Option<Task>, StoreError> {
    let row = query.into_model::<Counted>().one(db).await.map_err(sort)?;
    row.map(Task::try_from).transpose().map_err(broken)
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> TaskRepo for On<C> {
    async fn insert(&self, scope: &ProjectScope, brief: &Brief, state: TaskState, at: Timestamp) -> Result<Task, StoreError> {
        let row = row::inserted(scope, brief, state, at).insert(&self.0).await.map_err(sort)?;
        Task::try_from(Counted { row, document_count: 0 }).map_err(broken)
    }

    async fn find(&self, scope: &ProjectScope, id: TaskId) -> Result<Option<Task>, StoreError> {
        read(&self.0, one(scope, id)).await
    }

    async fn find_for_update(&self, scope: &ProjectScope, id: TaskId) -> Result<Option<Task>, StoreError> {
        read(&self.0, one(scope, id).lock_exclusive()).await
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TaskFilter,
        sort: Option<Sort<TaskSort>>,
        page: PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        list::list(&self.0, scope, (filter, sort), page).await
    }

    async fn due(&self, scope: &ProjectScope, window: DueWindow, page: PageRequest) -> Result<Page<Task>, StoreError> {
        list::due(&self.0, scope, window, page).await
    }

    async fn update(&self, scope: &ProjectScope, task: &Task) -> Result<(), StoreError> {
        let query = Entity::update_many().set(row::updated(task)).filter(Column::ProjectId.eq(scope.project().get()));
        query.filter(Column::Id.eq(task.id.get())).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, scope: &ProjectScope, id: TaskId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn overview(&self, scope: &ProjectScope, filter: &TaskFilter, now: Timestamp) -> Result<TaskOverview, StoreError> {
        list::overview(&self.0, scope, filter, now).await
    }

    async fn attach(&self, scope: &ProjectScope, task: TaskId, document: &NewDocument, at: Timestamp) -> Result<TaskDocument, StoreError> {
        document::attach(&self.0, scope, (task, document), at).await
    }

    async fn documents(&self, scope: &ProjectScope, task: TaskId) -> Result<Vec<TaskDocument>, StoreError> {
        document::all(&self.0, scope, task).await
    }

    async fn document(&self, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<Option<TaskDocument>, StoreError> {
        document::find(&self.0, scope, task, id).await
    }

    async fn detach(&self, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<bool, StoreError> {
        document::detach(&self.0, scope, task, id).await
    }

    async fn files_about(&self, scope: &ProjectScope, technology: TechnologyId) -> Result<Vec<FileKey>, StoreError> {
        document::files_about(&self.0, scope, technology).await
    }

    async fn unowned(&self, keys: &[FileKey]) -> Result<Vec<FileKey>, StoreError> {
        document::unowned(&self.0, keys).await
    }
}
