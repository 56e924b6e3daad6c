//! Rows of files attached to tasks.

use std::collections::HashSet;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{FileKey, NewDocument, TaskDocument};
use commandcenter_domain::shared::{TaskDocumentId, TaskId, TechnologyId, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::entity::research_task;
use crate::entity::task_document::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};

/// Keys per statement: far below what either database takes as parameters.
const BATCH: usize = 500;

fn of(scope: &ProjectScope, task: TaskId) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::TaskId.eq(task.get()))
}

pub(super) async fn attach(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (task, document): (TaskId, &NewDocument),
    at: Timestamp,
) -> Result<TaskDocument, StoreError> {
    let NewDocument { filename, content_type, size, sha256, key } = document.clone();
    let row = ActiveModel {
        project_id: Set(scope.project().get()),
        task_id: Set(task.get()),
        filename: Set(filename),
        content_type: Set(content_type),
        size: Set(i64::try_from(size).map_err(broken)?),
        sha256: Set(sha256),
        file_key: Set(key.as_str().to_owned()),
        uploaded_at: Set(at),
        ..Default::default()
    };
    TaskDocument::try_from(row.insert(db).await.map_err(sort)?).map_err(broken)
}

pub(super) async fn all(db: &impl ConnectionTrait, scope: &ProjectScope, task: TaskId) -> Result<Vec<TaskDocument>, StoreError> {
    let rows = of(scope, task).order_by_asc(Column::Id).all(db).await.map_err(sort)?;
    rows.into_iter().map(TaskDocument::try_from).collect::<Result<_, _>>().map_err(broken)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    task: TaskId,
    id: TaskDocumentId,
) -> Result<Option<TaskDocument>, StoreError> {
    let row = of(scope, task).filter(Column::Id.eq(id.get())).one(db).await.map_err(sort)?;
    row.map(TaskDocument::try_from).transpose().map_err(broken)
}

pub(super) async fn detach(db: &impl ConnectionTrait, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<bool, StoreError> {
    let query = Entity::delete_many()
        .filter(Column::ProjectId.eq(scope.project().get()))
        .filter(Column::TaskId.eq(task.get()))
        .filter(Column::Id.eq(id.get()));
    Ok(query.exec(db).await.map_err(sort)?.rows_affected > 0)
}

pub(super) async fn files_about(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    technology: TechnologyId,
) -> Result<Vec<FileKey>, StoreError> {
    let tasks = research_task::Entity::find()
        .select_only()
        .column(research_task::Column::Id)
        .filter(research_task::Column::ProjectId.eq(scope.project().get()))
        .filter(research_task::Column::TechnologyId.eq(technology.get()))
        .into_query();
    let query = Entity::find().select_only().column(Column::FileKey).filter(Column::TaskId.in_subquery(tasks));
    let keys: Vec<String> = query.into_tuple().all(db).await.map_err(sort)?;
    Ok(keys.into_iter().map(FileKey::stored).collect())
}

pub(super) async fn unowned(db: &impl ConnectionTrait, keys: &[FileKey]) -> Result<Vec<FileKey>, StoreError> {
    let mut left = Vec::new();
    for batch in keys.chunks(BATCH) {
        let query = Entity::find().select_only().column(Column::FileKey).filter(Column::FileKey.is_in(batch.iter().map(FileKey::as_str)));
        let owned: HashSet<String> = query.into_tuple::<String>().all(db).await.map_err(sort)?.into_iter().collect();
        left.extend(batch.iter().filter(|key| !owned.contains(key.as_str())).cloned());
    }
    Ok(left)
}
