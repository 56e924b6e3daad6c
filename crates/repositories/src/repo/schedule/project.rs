//! The schedules of a project.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::schedule::{
    Cursor, DisabledReason, Plan, Schedule, ScheduleFilter, ScheduleRepo, ScheduleRun, ScheduleSort, Tally,
};
use commandcenter_domain::shared::{ScheduleId, Sort, Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{list, row, run};
use crate::entity::schedule::{ActiveModel, Column, Entity};
use crate::entity::schedule_run;
use crate::error::sort;
use crate::store::On;

fn one(scope: &ProjectScope, id: ScheduleId) -> Select<Entity> {
    list::within(scope).filter(Column::Id.eq(id.get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> ScheduleRepo for On<C> {
    async fn insert(&self, scope: &ProjectScope, plan: &Plan, next: Option<Timestamp>, at: Timestamp) -> Result<Schedule, StoreError> {
        let reason = next.is_none().then_some(DisabledReason::Manual);
        let new = ActiveModel {
            project_id: Set(scope.project().get()),
            next_run_at: Set(next),
            disabled_reason: Set(reason.map(|reason| reason.as_str().to_owned())),
            created_by: Set(scope.user().map(UserId::get)),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
            ..row::planned(plan)
        };
        row::schedule(new.insert(&self.0).await.map_err(sort)?)
    }

    async fn find(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        one(scope, id).one(&self.0).await.map_err(sort)?.map(row::schedule).transpose()
    }

    async fn find_for_update(&self, scope: &ProjectScope, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        one(scope, id).lock_exclusive().one(&self.0).await.map_err(sort)?.map(row::schedule).transpose()
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &ScheduleFilter,
        sort: Option<Sort<ScheduleSort>>,
        page: PageRequest,
    ) -> Result<Page<Schedule>, StoreError> {
        list::page(&self.0, list::ordered(list::matching(scope, filter), sort), page).await
    }

    async fn list_due(&self, scope: &ProjectScope, now: Timestamp, page: PageRequest) -> Result<Page<Schedule>, StoreError> {
        list::page(&self.0, list::due(scope, now), page).await
    }

    async fn all(&self, scope: &ProjectScope) -> Result<Vec<Schedule>, StoreError> {
        let rows = list::within(scope).order_by_asc(Column::Id).all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(row::schedule).collect()
    }

    async fn update(&self, scope: &ProjectScope, schedule: &Schedule) -> Result<(), StoreError> {
        let query = Entity::update_many().set(row::updated(schedule)).filter(Column::ProjectId.eq(scope.project().get()));
        query.filter(Column::Id.eq(schedule.id.get())).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, scope: &ProjectScope, id: ScheduleId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn runs(&self, scope: &ProjectScope, id: ScheduleId, cursor: Cursor) -> Result<Vec<ScheduleRun>, StoreError> {
        use schedule_run::Column;
        let mut query = schedule_run::Entity::find()
            .filter(Column::ScheduleId.eq(id.get()))
            .filter(Column::ProjectId.eq(scope.project().get()))
            .order_by_desc(Column::Id)
            .limit(cursor.limit);
        if let Some(before) = cursor.before {
            query = query.filter(Column::Id.lt(before.get()));
        }
        let rows = query.all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(run::run).collect()
    }

    async fn tally(&self, scope: &ProjectScope) -> Result<Vec<Tally>, StoreError> {
        list::tally(&self.0, scope).await
    }
}
