//! Technologies.

mod link;
mod list;
mod row;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{RepositoryId, Sort, TechnologyId, Timestamp};
use commandcenter_domain::technology::{Profile, RepositoryLink, Technology, TechnologyFilter, TechnologyRepo, TechnologySort};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::technology::{Column, Entity};
use crate::error::{broken, sort};
use crate::store::On;

/// Every read of one starts here, so none can forget the scope.
fn one(scope: &ProjectScope, id: TechnologyId) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

fn titled(scope: &ProjectScope, keys: &[String]) -> Select<Entity> {
    let named = Column::TitleKey.is_in(keys.iter().map(String::as_str));
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(named)
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> TechnologyRepo for On<C> {
    async fn insert(&self, scope: &ProjectScope, profile: &Profile, at: Timestamp) -> Result<Technology, StoreError> {
        let row = row::inserted(scope, profile, at).insert(&self.0).await.map_err(sort)?;
        Technology::try_from(row).map_err(broken)
    }

    async fn find(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Option<Technology>, StoreError> {
        let row = one(scope, id).one(&self.0).await.map_err(sort)?;
        row.map(Technology::try_from).transpose().map_err(broken)
    }

    async fn find_for_update(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Option<Technology>, StoreError> {
        let row = one(scope, id).lock_exclusive().one(&self.0).await.map_err(sort)?;
        row.map(Technology::try_from).transpose().map_err(broken)
    }

    async fn find_titled(&self, scope: &ProjectScope, keys: &[String]) -> Result<Vec<Technology>, StoreError> {
        let rows = titled(scope, keys).all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(|row| Technology::try_from(row).map_err(broken)).collect()
    }

    async fn find_titled_for_update(&self, scope: &ProjectScope, keys: &[String]) -> Result<Vec<Technology>, StoreError> {
        // In the order of their ids, so that two of these never wait for each other.
        let rows = titled(scope, keys).order_by_asc(Column::Id).lock_exclusive().all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(|row| Technology::try_from(row).map_err(broken)).collect()
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &TechnologyFilter,
        sort: Option<Sort<TechnologySort>>,
        page: PageRequest,
    ) -> Result<Page<Technology>, StoreError> {
        list::list(&self.0, scope, (filter, sort), page).await
    }

    async fn update(&self, scope: &ProjectScope, technology: &Technology) -> Result<(), StoreError> {
        let query = Entity::update_many().set(row::updated(technology)).filter(Column::ProjectId.eq(scope.project().get()));
        query.filter(Column::Id.eq(technology.id.get())).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, scope: &ProjectScope, id: TechnologyId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn link(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId, at: Timestamp) -> Result<bool, StoreError> {
        link::add(&self.0, scope, (id, repository), at).await
    }

    async fn unlink(&self, scope: &ProjectScope, id: TechnologyId, repository: RepositoryId) -> Result<bool, StoreError> {
        link::remove(&self.0, scope, id, repository).await
    }

    async fn linked_ids(&self, scope: &ProjectScope, id: TechnologyId) -> Result<Vec<RepositoryId>, StoreError> {
        link::ids(&self.0, scope, id).await
    }

    async fn linked(&self, scope: &ProjectScope, id: TechnologyId, page: PageRequest) -> Result<Page<RepositoryLink>, StoreError> {
        link::list(&self.0, scope, id, page).await
    }
}
