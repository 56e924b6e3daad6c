//! Links between technologies and repositories.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{RepositoryId, TechnologyId, Timestamp};
use commandcenter_domain::technology::RepositoryLink;
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::entity::repository;
use crate::entity::technology_repository::{ActiveModel, Column, Entity};
use crate::error::sort;

fn of(scope: &ProjectScope, id: TechnologyId) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::TechnologyId.eq(id.get()))
}

pub(super) async fn add(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (id, repository): (TechnologyId, RepositoryId),
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = ActiveModel {
        technology_id: Set(id.get()),
        repository_id: Set(repository.get()),
        project_id: Set(scope.project().get()),
        created_at: Set(at),
    };
    let there = OnConflict::columns([Column::TechnologyId, Column::RepositoryId]).do_nothing().to_owned();
    Ok(Entity::insert_many([row]).on_conflict(there).exec_without_returning(db).await.map_err(sort)? > 0)
}

pub(super) async fn remove(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: TechnologyId,
    repository: RepositoryId,
) -> Result<bool, StoreError> {
    let query = Entity::delete_many()
        .filter(Column::ProjectId.eq(scope.project().get()))
        .filter(Column::TechnologyId.eq(id.get()))
        .filter(Column::RepositoryId.eq(repository.get()));
    Ok(query.exec(db).await.map_err(sort)?.rows_affected > 0)
}

pub(super) async fn ids(db: &impl ConnectionTrait, scope: &ProjectScope, id: TechnologyId) -> Result<Vec<RepositoryId>, StoreError> {
    let query = of(scope, id).select_only().column(Column::RepositoryId).order_by_asc(Column::RepositoryId);
    let ids: Vec<i64> = query.into_tuple().all(db).await.map_err(sort)?;
    Ok(ids.into_iter().map(RepositoryId::new).collect())
}

pub(super) async fn list(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: TechnologyId,
    page: PageRequest,
) -> Result<Page<RepositoryLink>, StoreError> {
    let total = of(scope, id).count(db).await.map_err(sort)?;
    let linked = of(scope, id).select_only().column(Column::RepositoryId).into_query();
    let query = repository::Entity::find()
        .select_only()
        .columns([repository::Column::Id, repository::Column::FullName, repository::Column::Url])
        .filter(repository::Column::ProjectId.eq(scope.project().get()))
        .filter(repository::Column::Id.in_subquery(linked))
        .order_by_asc(repository::Column::FullName)
        .order_by_asc(repository::Column::Id);
    let rows: Vec<(i64, String, Option<String>)> =
        query.offset(page.offset()).limit(page.limit()).into_tuple().all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(|(id, full_name, url)| RepositoryLink { id: RepositoryId::new(id), full_name, url }).collect();
    Ok(Page { items, total, request: page })
}
