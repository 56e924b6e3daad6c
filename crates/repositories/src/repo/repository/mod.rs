//! Tracked repositories.

mod row;
mod sync;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::repository::{
    HostRepository, NewCommit, NewRepository, Repository, RepositoryFilter, RepositoryRepo, RepositorySortKey, RepositoryUpdate, SyncState,
    SyncStatus,
};
use commandcenter_domain::shared::{Direction, RepositoryId, Sort, Timestamp};
use commandcenter_domain::{Page, PageRequest, Patch, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::entity::repository::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};
use crate::store::On;

/// Every read starts here, so none can forget the scope.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> RepositoryRepo for On<C> {
    async fn insert(
        &self,
        scope: &ProjectScope,
        new: &NewRepository,
        sealed_token: Option<Vec<u8>>,
        at: Timestamp,
    ) -> Result<Repository, StoreError> {
        let row = row::inserted(scope, new, sealed_token, at).insert(&self.0).await.map_err(sort)?;
        Repository::try_from(row).map_err(broken)
    }

    async fn find(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Option<Repository>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        row.map(Repository::try_from).transpose().map_err(broken)
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &RepositoryFilter,
        order: Option<Sort<RepositorySortKey>>,
        page: PageRequest,
    ) -> Result<Page<Repository>, StoreError> {
        let query = within(scope).filter(matching(filter));
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let rows = ordered(query, order).offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(Repository::try_from).collect::<Result<_, _>>().map_err(broken)?;
        Ok(Page { items, total, request: page })
    }

    async fn update(
        &self,
        scope: &ProjectScope,
        id: RepositoryId,
        update: RepositoryUpdate,
        at: Timestamp,
    ) -> Result<Option<Repository>, StoreError> {
        let RepositoryUpdate { description, sealed_token, is_private, metadata } = update;
        let row = ActiveModel {
            description: patched(description),
            access_token: patched(sealed_token),
            is_private: is_private.map_or(ActiveValue::NotSet, Set),
            metadata: patched(metadata),
            updated_at: Set(at),
            ..Default::default()
        };
        self.write(scope, id, row).await?;
        RepositoryRepo::find(self, scope, id).await
    }

    async fn delete(&self, scope: &ProjectScope, id: RepositoryId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn sync_state(&self, scope: &ProjectScope, id: RepositoryId) -> Result<Option<SyncState>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        Ok(row.map(|row| SyncState { sealed_token: row.access_token, cursor: row.sync_cursor, etag: row.sync_etag }))
    }

    async fn set_sync_status(
        &self,
        scope: &ProjectScope,
        id: RepositoryId,
        status: SyncStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        self.write(scope, id, sync::status(status, error)).await
    }

    async fn set_metadata(&self, scope: &ProjectScope, id: RepositoryId, known: &HostRepository, at: Timestamp) -> Result<(), StoreError> {
        self.write(scope, id, sync::metadata(known, at)).await
    }

    async fn set_head(&self, scope: &ProjectScope, id: RepositoryId, head: Option<&NewCommit>, at: Timestamp) -> Result<(), StoreError> {
        self.write(scope, id, sync::head(head, at)).await
    }

    async fn finish_sync(&self, scope: &ProjectScope, id: RepositoryId, state: &SyncState, at: Timestamp) -> Result<(), StoreError> {
        self.write(scope, id, sync::finished(state, at)).await
    }
}

impl<C: ConnectionTrait> On<C> {
    /// Writes the columns that are set, in the scope's project only. No row is no error: it was deleted meanwhile.
    async fn write(&self, scope: &ProjectScope, id: RepositoryId, row: ActiveModel) -> Result<(), StoreError> {
        let query = Entity::update_many().set(row).filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        query.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }
}

fn patched<T: Into<sea_orm::Value>>(patch: Patch<T>) -> ActiveValue<Option<T>>
where
    Option<T>: Into<sea_orm::Value>,
{
    match patch {
        Patch::Keep => ActiveValue::NotSet,
        Patch::Clear => Set(None),
        Patch::Set(value) => Set(Some(value)),
    }
}

fn lower(column: Column) -> SimpleExpr {
    Func::lower(Expr::col(column)).into()
}

fn matching(filter: &RepositoryFilter) -> Condition {
    let RepositoryFilter { owner, language, search } = filter;
    let mut all = Condition::all();
    if let Some(owner) = owner {
        all = all.add(lower(Column::Owner).eq(owner.to_ascii_lowercase()));
    }
    if let Some(language) = language {
        all = all.add(lower(Column::Language).eq(language.to_ascii_lowercase()));
    }
    if let Some(search) = search {
        let pattern = || LikeExpr::new(format!("%{}%", escaped(&search.to_lowercase()))).escape('\\');
        all = all.add(Condition::any().add(lower(Column::FullName).like(pattern())).add(lower(Column::Description).like(pattern())));
    }
    all
}

/// The text as LIKE finds it literally.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn ordered(query: Select<Entity>, order: Option<Sort<RepositorySortKey>>) -> Select<Entity> {
    let order = order.unwrap_or(Sort { key: RepositorySortKey::CreatedAt, direction: Direction::Descending });
    let column = match order.key {
        RepositorySortKey::FullName => Column::FullName,
        RepositorySortKey::CreatedAt => Column::CreatedAt,
        RepositorySortKey::UpdatedAt => Column::UpdatedAt,
        RepositorySortKey::LastSyncedAt => Column::LastSyncedAt,
        RepositorySortKey::Stars => Column::Stars,
        RepositorySortKey::Forks => Column::Forks,
    };
    let direction = match order.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    query.order_by(column, direction.clone()).order_by(Column::Id, direction)
}
