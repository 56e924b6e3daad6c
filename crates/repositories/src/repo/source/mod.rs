//! Sources, their items and their runs.

mod item;
mod list;
mod row;
mod run;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{JobId, ProjectId, ScheduleId, Sort, SourceId, SourceRunId, Timestamp};
use commandcenter_domain::source::{
    ItemError, ItemState, ItemWrite, RunUpdate, Source, SourceFilter, SourceItem, SourceRepo, SourceRun, SourceSort, SourceStatus,
    SourceUpdate, Standing, Validators,
};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select, UpdateMany};

use crate::entity::source::{ActiveModel, Column, Entity};
use crate::error::sort;
use crate::store::On;

/// Every read starts here, so none can forget the scope.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

fn updating(scope: &ProjectScope, id: SourceId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> SourceRepo for On<C> {
    async fn insert(&self, scope: &ProjectScope, update: &SourceUpdate<'_>) -> Result<Source, StoreError> {
        let row = ActiveModel {
            project_id: Set(scope.project().get()),
            status: Set(SourceStatus::Pending.as_str().to_owned()),
            version: Set(1),
            created_at: Set(update.at),
            ..row::written(update)
        };
        let id = row.insert(&self.0).await.map_err(sort)?.id;
        SourceRepo::find(self, scope, SourceId::new(id)).await?.ok_or(StoreError::Reference)
    }

    async fn find(&self, scope: &ProjectScope, id: SourceId) -> Result<Option<Source>, StoreError> {
        let rows = within(scope).filter(Column::Id.eq(id.get())).all(&self.0).await.map_err(sort)?;
        Ok(list::sources(&self.0, rows).await?.pop())
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: SourceFilter,
        order: Option<Sort<SourceSort>>,
        page: PageRequest,
    ) -> Result<Page<Source>, StoreError> {
        list::page(&self.0, list::ordered(list::matching(within(scope), filter), order), page).await
    }

    async fn update(&self, scope: &ProjectScope, id: SourceId, update: &SourceUpdate<'_>) -> Result<Option<Source>, StoreError> {
        let row = ActiveModel { etag: Set(None), last_modified: Set(None), ..row::written(update) };
        let query = updating(scope, id).set(row).col_expr(Column::Version, Expr::col(Column::Version).add(1));
        query.exec(&self.0).await.map_err(sort)?;
        SourceRepo::find(self, scope, id).await
    }

    async fn delete(&self, scope: &ProjectScope, id: SourceId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn set_schedule(&self, scope: &ProjectScope, id: SourceId, schedule: Option<ScheduleId>) -> Result<(), StoreError> {
        let row = ActiveModel { schedule_id: Set(schedule.map(ScheduleId::get)), ..Default::default() };
        updating(scope, id).set(row).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn stand(&self, scope: &ProjectScope, id: SourceId, standing: &Standing) -> Result<(), StoreError> {
        let Standing { status, error, at } = standing;
        let row = ActiveModel {
            status: Set(status.as_str().to_owned()),
            last_error: Set(error.clone()),
            last_run_at: if *status == SourceStatus::Running { Set(Some(*at)) } else { NotSet },
            last_success_at: if *status == SourceStatus::Success { Set(Some(*at)) } else { NotSet },
            ..Default::default()
        };
        updating(scope, id).set(row).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn set_validators(&self, scope: &ProjectScope, id: SourceId, validators: &Validators) -> Result<(), StoreError> {
        let Validators { etag, last_modified } = validators.clone();
        let row = ActiveModel { etag: Set(etag), last_modified: Set(last_modified), ..Default::default() };
        updating(scope, id).set(row).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn push_target(&self, id: SourceId) -> Result<Option<(ProjectId, Vec<u8>, bool)>, StoreError> {
        let query = Entity::find().select_only().columns([Column::ProjectId, Column::Secret, Column::IsEnabled]);
        let query = query.filter(Column::Id.eq(id.get())).filter(Column::Secret.is_not_null());
        let row: Option<(i64, Vec<u8>, bool)> = query.into_tuple().one(&self.0).await.map_err(sort)?;
        Ok(row.map(|(project, secret, is_enabled)| (ProjectId::new(project), secret, is_enabled)))
    }

    async fn items(&self, scope: &ProjectScope, source: SourceId) -> Result<Vec<SourceItem>, StoreError> {
        item::all(&self.0, scope, source).await
    }

    async fn list_items(
        &self,
        scope: &ProjectScope,
        source: SourceId,
        state: Option<ItemState>,
        page: PageRequest,
    ) -> Result<Page<SourceItem>, StoreError> {
        item::page(&self.0, (scope, source), state, page).await
    }

    async fn discover(&self, scope: &ProjectScope, source: SourceId, found: &[(String, i32)], at: Timestamp) -> Result<(), StoreError> {
        item::discover(&self.0, (scope, source), found, at).await
    }

    async fn settle(&self, scope: &ProjectScope, source: SourceId, item: &ItemWrite) -> Result<(), StoreError> {
        item::settle(&self.0, (scope, source), item).await
    }

    async fn begin_run(&self, scope: &ProjectScope, source: SourceId, job: JobId, at: Timestamp) -> Result<SourceRun, StoreError> {
        run::begin(&self.0, (scope, source), job, at).await
    }

    async fn update_run(&self, scope: &ProjectScope, run: SourceRunId, update: &RunUpdate) -> Result<(), StoreError> {
        run::update(&self.0, scope, run, update).await
    }

    async fn add_error(&self, scope: &ProjectScope, run: SourceRunId, error: &ItemError) -> Result<(), StoreError> {
        run::add_error(&self.0, scope, run, error).await
    }

    async fn run(&self, scope: &ProjectScope, source: SourceId, run: SourceRunId) -> Result<Option<SourceRun>, StoreError> {
        run::find(&self.0, (scope, source), run).await
    }

    async fn runs(&self, scope: &ProjectScope, source: SourceId, page: PageRequest) -> Result<Page<SourceRun>, StoreError> {
        run::page(&self.0, (scope, source), page).await
    }

    async fn errors(&self, scope: &ProjectScope, run: SourceRunId, page: PageRequest) -> Result<Page<ItemError>, StoreError> {
        run::errors(&self.0, scope, run, page).await
    }
}
