//! Lists of schedules: conditions and orders.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::schedule::{Frequency, Schedule, ScheduleFilter, ScheduleSort, Tally};
use commandcenter_domain::shared::{Direction, Sort, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::row::schedule;
use crate::entity::schedule::{Column, Entity};
use crate::error::{broken, sort};
use crate::paging::{count, order_of};

/// Every read of a project's schedules starts here, so none can forget the scope.
pub(super) fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

pub(super) fn matching(scope: &ProjectScope, filter: &ScheduleFilter) -> Select<Entity> {
    let ScheduleFilter { enabled, task, frequency } = filter;
    let mut query = within(scope);
    if let Some(task) = task {
        query = query.filter(Column::TaskType.eq(task.as_str()));
    }
    if let Some(frequency) = frequency {
        query = query.filter(Column::Frequency.eq(frequency.as_str()));
    }
    match enabled {
        Some(true) => query.filter(Expr::cust("disabled_reason IS NULL")),
        Some(false) => query.filter(Expr::cust("disabled_reason IS NOT NULL")),
        None => query,
    }
}

/// Newest first unless asked otherwise; the id breaks ties, in the same direction so that one index serves both.
pub(super) fn ordered(query: Select<Entity>, order: Option<Sort<ScheduleSort>>) -> Select<Entity> {
    let Some(Sort { key, direction }) = order else {
        return query.order_by_desc(Column::Id);
    };
    let column = match key {
        ScheduleSort::CreatedAt => Column::CreatedAt,
        ScheduleSort::UpdatedAt => Column::UpdatedAt,
        ScheduleSort::NextRunAt => Column::NextRunAt,
        ScheduleSort::LastRunAt => Column::LastRunAt,
        ScheduleSort::Name => Column::Name,
    };
    query.order_by(column, order_of(direction)).order_by(Column::Id, order_of(direction))
}

pub(super) fn due(scope: &ProjectScope, now: Timestamp) -> Select<Entity> {
    let due = within(scope).filter(Expr::cust("next_run_at IS NOT NULL")).filter(Column::NextRunAt.lte(now));
    ordered(due, Some(Sort { key: ScheduleSort::NextRunAt, direction: Direction::Ascending }))
}

pub(super) async fn page(db: &impl ConnectionTrait, query: Select<Entity>, request: PageRequest) -> Result<Page<Schedule>, StoreError> {
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.offset(request.offset()).limit(request.limit()).all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(schedule).collect::<Result<_, _>>()?;
    Ok(Page { items, total, request })
}

#[derive(FromQueryResult)]
struct Row {
    frequency: String,
    is_disabled: bool,
    schedules: i64,
    runs: i64,
    successes: i64,
    failures: i64,
}

pub(super) async fn tally(db: &impl ConnectionTrait, scope: &ProjectScope) -> Result<Vec<Tally>, StoreError> {
    let sum = |column: &str| Expr::cust(format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"));
    let query = within(scope)
        .select_only()
        .column(Column::Frequency)
        .expr_as(Expr::cust("disabled_reason IS NOT NULL"), "is_disabled")
        .expr_as(Expr::cust("COUNT(*)"), "schedules")
        .expr_as(sum("run_count"), "runs")
        .expr_as(sum("success_count"), "successes")
        .expr_as(sum("failure_count"), "failures")
        .group_by(Column::Frequency)
        .group_by(Expr::cust("disabled_reason IS NOT NULL"));
    let rows = query.into_model::<Row>().all(db).await.map_err(sort)?;
    rows.into_iter().map(tallied).collect()
}

fn tallied(row: Row) -> Result<Tally, StoreError> {
    let frequency = Frequency::parse(&row.frequency).ok_or_else(|| broken("schedules have an unknown frequency"))?;
    Ok(Tally {
        frequency,
        enabled: !row.is_disabled,
        schedules: count(row.schedules)?,
        runs: count(row.runs)?,
        successes: count(row.successes)?,
        failures: count(row.failures)?,
    })
}
