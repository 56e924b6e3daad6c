//! Budgets, with what counts against them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{Budget, BudgetMode, BudgetRepo, BudgetScope, BudgetScopeKind, Cause, NanoDollars, NewBudget, Period};
use commandcenter_domain::shared::{ApiKeyId, BudgetId, ProjectId, Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::llm_budget::{ActiveModel, Column, Entity, Model};
use crate::entity::llm_budget_counter as counter;
use crate::error::{broken, sort};
use crate::store::On;

fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> BudgetRepo for On<C> {
    async fn insert(&self, scope: &ProjectScope, new: &NewBudget, at: Timestamp) -> Result<Budget, StoreError> {
        let row = Entity::insert(written(scope, new, at)).exec_with_returning(&self.0).await.map_err(sort)?;
        budget(row, None, at)
    }

    async fn find(&self, scope: &ProjectScope, id: BudgetId, at: Timestamp) -> Result<Option<Budget>, StoreError> {
        let rows = within(scope).filter(Column::Id.eq(id.get())).all(&self.0).await.map_err(sort)?;
        Ok(counted(&self.0, rows, at).await?.pop())
    }

    async fn list(&self, scope: &ProjectScope, page: PageRequest, at: Timestamp) -> Result<Page<Budget>, StoreError> {
        let total = within(scope).count(&self.0).await.map_err(sort)?;
        let query = within(scope).order_by_asc(Column::Name).offset(page.offset()).limit(page.limit());
        let rows = query.all(&self.0).await.map_err(sort)?;
        Ok(Page { items: counted(&self.0, rows, at).await?, total, request: page })
    }

    async fn update(&self, scope: &ProjectScope, id: BudgetId, (new, at): (&NewBudget, Timestamp)) -> Result<Option<Budget>, StoreError> {
        let row = ActiveModel {
            name: Set(new.name.clone()),
            limit_nano: Set(new.limit.get()),
            mode: Set(new.mode.as_str().to_owned()),
            updated_at: Set(at),
            ..Default::default()
        };
        let query = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        let query = query.set(row).col_expr(Column::Version, Expr::col(Column::Version).add(1));
        query.exec(&self.0).await.map_err(sort)?;
        BudgetRepo::find(self, scope, id, at).await
    }

    async fn delete(&self, scope: &ProjectScope, id: BudgetId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }
}

/// The oldest budgets of all projects.
pub(crate) async fn oldest(db: &impl ConnectionTrait, at: Timestamp, most: u64) -> Result<Vec<(ProjectId, Budget)>, StoreError> {
    let rows = Entity::find().order_by_asc(Column::Id).limit(most).all(db).await.map_err(sort)?;
    let projects: Vec<_> = rows.iter().map(|row| ProjectId::new(row.project_id)).collect();
    Ok(projects.into_iter().zip(counted(db, rows, at).await?).collect())
}

fn written(scope: &ProjectScope, new: &NewBudget, at: Timestamp) -> ActiveModel {
    let (user, api_key, cause) = match new.scope {
        BudgetScope::Project => (None, None, None),
        BudgetScope::User(id) => (Some(id.get()), None, None),
        BudgetScope::ApiKey(id) => (None, Some(id.get()), None),
        BudgetScope::Cause(cause) => (None, None, Some(cause.as_str().to_owned())),
    };
    ActiveModel {
        id: NotSet,
        project_id: Set(scope.project().get()),
        name: Set(new.name.clone()),
        scope: Set(new.scope.kind().as_str().to_owned()),
        user_id: Set(user),
        api_key_id: Set(api_key),
        cause: Set(cause),
        period: Set(new.period.as_str().to_owned()),
        limit_nano: Set(new.limit.get()),
        mode: Set(new.mode.as_str().to_owned()),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
    }
}

/// Rows with the counters of their present windows, in one more statement however many there are.
async fn counted(db: &impl ConnectionTrait, rows: Vec<Model>, at: Timestamp) -> Result<Vec<Budget>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let starts = Period::ALL.iter().map(|period| period.window(at).0);
    let query = counter::Entity::find()
        .filter(counter::Column::BudgetId.is_in(rows.iter().map(|row| row.id)))
        .filter(counter::Column::PeriodStart.is_in(starts));
    let mut counters: BTreeMap<(i64, Timestamp), counter::Model> =
        query.all(db).await.map_err(sort)?.into_iter().map(|row| ((row.budget_id, row.period_start), row)).collect();
    let mut with_counter = |row: Model| {
        let start = Period::parse(&row.period).map(|period| period.window(at).0);
        let counter = start.and_then(|start| counters.remove(&(row.id, start)));
        budget(row, counter, at)
    };
    rows.into_iter().map(&mut with_counter).collect()
}

fn budget(row: Model, counter: Option<counter::Model>, at: Timestamp) -> Result<Budget, StoreError> {
    let unknown = |column: &str| broken(format!("budget {}: {column} holds something unknown", row.id));
    let period = Period::parse(&row.period).ok_or_else(|| unknown("period"))?;
    let (start, end) = period.window(at);
    let scope = match BudgetScopeKind::parse(&row.scope) {
        Some(BudgetScopeKind::Project) => Some(BudgetScope::Project),
        Some(BudgetScopeKind::User) => row.user_id.map(|id| BudgetScope::User(UserId::new(id))),
        Some(BudgetScopeKind::ApiKey) => row.api_key_id.map(|id| BudgetScope::ApiKey(ApiKeyId::new(id))),
        Some(BudgetScopeKind::Cause) => row.cause.as_deref().and_then(Cause::parse).map(BudgetScope::Cause),
        None => None,
    };
    let (spent, reserved) = counter.map_or((0, 0), |counter| (counter.spent_nano, counter.reserved_nano));
    Ok(Budget {
        id: BudgetId::new(row.id),
        scope: scope.ok_or_else(|| unknown("scope"))?,
        period,
        limit: NanoDollars::new(row.limit_nano),
        mode: BudgetMode::parse(&row.mode).ok_or_else(|| unknown("mode"))?,
        name: row.name,
        spent: NanoDollars::new(spent),
        reserved: NanoDollars::new(reserved),
        period_start: end.map(|_| start),
        resets_at: end,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
