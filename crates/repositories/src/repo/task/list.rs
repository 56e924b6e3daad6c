//! Lists of tasks and figures over them.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{DueTask, DueWindow, Task, TaskFilter, TaskOverview, TaskSort, TaskStatus};
use commandcenter_domain::shared::{Direction, Sort, TaskId, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::row::Counted;
use crate::entity::research_task::{Column, Entity};
use crate::error::{broken, sort};
use crate::paging::{count, order_of};
use crate::text_search;

/// Tasks in the overview's short lists.
const FEW: u64 = 5;

/// Rows with the number of their documents.
pub(super) fn counted(query: Select<Entity>) -> Select<Entity> {
    query.expr_as(Expr::cust("(SELECT COUNT(*) FROM task_documents WHERE task_documents.task_id = research_tasks.id)"), "document_count")
}

pub(super) async fn list(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, order): (&TaskFilter, Option<Sort<TaskSort>>),
    page: PageRequest,
) -> Result<Page<Task>, StoreError> {
    let query = Entity::find().filter(matching(db, scope, filter));
    fetch(db, query.clone(), ordered(query, order), page).await
}

pub(super) async fn due(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    window: DueWindow,
    page: PageRequest,
) -> Result<Page<Task>, StoreError> {
    let query = Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(within(window));
    fetch(db, query.clone(), by_date(query), page).await
}

async fn fetch(db: &impl ConnectionTrait, all: Select<Entity>, query: Select<Entity>, page: PageRequest) -> Result<Page<Task>, StoreError> {
    let total = all.count(db).await.map_err(sort)?;
    let rows = counted(query).offset(page.offset()).limit(page.limit()).into_model::<Counted>().all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(Task::try_from).collect::<Result<_, _>>().map_err(broken)?;
    Ok(Page { items, total, request: page })
}

fn by_date(query: Select<Entity>) -> Select<Entity> {
    query.order_by_with_nulls(Column::DueDate, order_of(Direction::Ascending), NullOrdering::First).order_by_asc(Column::Id)
}

fn within(window: DueWindow) -> Condition {
    let statuses = window.statuses().iter().map(|status| status.as_str());
    let open = Condition::all().add(Column::Status.is_in(statuses));
    match window {
        DueWindow::Overdue { now } => open.add(Column::DueDate.lt(now)),
        DueWindow::Upcoming { now, until } => open.add(Column::DueDate.gte(now)).add(Column::DueDate.lte(until)),
    }
}

fn matching(db: &impl ConnectionTrait, scope: &ProjectScope, filter: &TaskFilter) -> Condition {
    let TaskFilter { status, technology, repository, assigned_to, search, due_before, due_after } = filter;
    Condition::all()
        .add(Column::ProjectId.eq(scope.project().get()))
        .add_option(status.map(|one| Column::Status.eq(one.as_str())))
        .add_option(technology.map(|one| Column::TechnologyId.eq(one.get())))
        .add_option(repository.map(|one| Column::RepositoryId.eq(one.get())))
        .add_option(assigned_to.as_deref().map(|one| Column::AssignedTo.eq(one)))
        .add_option(search.as_deref().map(|text| text_search::matches(db, "research_tasks", text)))
        .add_option(due_before.map(|moment| Column::DueDate.lt(moment)))
        .add_option(due_after.map(|moment| Column::DueDate.gte(moment)))
}

fn ordered(query: Select<Entity>, order: Option<Sort<TaskSort>>) -> Select<Entity> {
    let order = order.unwrap_or(Sort { key: TaskSort::UpdatedAt, direction: Direction::Descending });
    let direction = order_of(order.direction);
    let columns: &[Column] = match order.key {
        TaskSort::DueDate => {
            let nulls = if order.direction == Direction::Ascending { NullOrdering::First } else { NullOrdering::Last };
            return query.order_by_with_nulls(Column::DueDate, direction.clone(), nulls).order_by(Column::Id, direction);
        }
        TaskSort::UpdatedAt => &[Column::UpdatedAt],
        TaskSort::CreatedAt => &[Column::CreatedAt],
        TaskSort::Status => &[Column::Status, Column::UpdatedAt],
        TaskSort::Progress => &[Column::ProgressPercentage],
        TaskSort::Title => &[Column::Title],
    };
    columns.iter().chain([&Column::Id]).fold(query, |query, column| query.order_by(*column, direction.clone()))
}

/// Three statements, however many tasks there are.
pub(super) async fn overview(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    filter: &TaskFilter,
    now: Timestamp,
) -> Result<TaskOverview, StoreError> {
    let all = Entity::find().filter(matching(db, scope, filter));
    let (overdue, upcoming) = (DueWindow::overdue(now), DueWindow::within(DueWindow::WEEK, now));
    let figures = all.clone().select_only().column(Column::Status).expr_as(Expr::cust("COUNT(*)"), "total");
    let figures = figures.expr_as(tally(overdue), "overdue").expr_as(tally(upcoming), "upcoming").group_by(Column::Status);
    let rows: Vec<(String, i64, i64, i64)> = figures.into_tuple().all(db).await.map_err(sort)?;
    let mut overview = TaskOverview {
        by_status: TaskStatus::ALL.iter().map(|status| (*status, 0)).collect(),
        total: 0,
        overdue_count: 0,
        upcoming_count: 0,
        overdue: first(db, all.clone(), overdue).await?,
        upcoming: first(db, all, upcoming).await?,
    };
    for (status, total, overdue, upcoming) in rows {
        let total = count(total)?;
        overview.total += total;
        overview.overdue_count += count(overdue)?;
        overview.upcoming_count += count(upcoming)?;
        for entry in overview.by_status.iter_mut().filter(|entry| entry.0.as_str() == status) {
            entry.1 = total;
        }
    }
    Ok(overview)
}

/// How many rows of a group are in a window.
fn tally(window: DueWindow) -> SimpleExpr {
    Expr::case(within(window), 1_i64).finally(0_i64).sum().cast_as("bigint")
}

async fn first(db: &impl ConnectionTrait, query: Select<Entity>, window: DueWindow) -> Result<Vec<DueTask>, StoreError> {
    let query = by_date(query.filter(within(window))).limit(FEW).select_only().columns([Column::Id, Column::Title, Column::DueDate]);
    let rows: Vec<(i64, String, Timestamp)> = query.into_tuple().all(db).await.map_err(sort)?;
    Ok(rows.into_iter().map(|(id, title, due_date)| DueTask { id: TaskId::new(id), title, due_date }).collect())
}
