//! Lists of technologies: conditions, orders, and the page in one statement.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{Direction, Sort};
use commandcenter_domain::technology::{Technology, TechnologyFilter, TechnologySort};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::technology::{Column, Entity, Model};
use crate::error::sort;
use crate::paging::{count_where, order_of, page, scalar};
use crate::text_search;

/// A row with the list's total.
#[derive(FromQueryResult)]
struct Counted {
    #[sea_orm(nested)]
    row: Model,
    total: Option<i64>,
}

pub(super) async fn list(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, order): (&TechnologyFilter, Option<Sort<TechnologySort>>),
    request: PageRequest,
) -> Result<Page<Technology>, StoreError> {
    let condition = matching(db, scope, filter);
    let total = if filter.is_empty() { kept_count(scope) } else { count_where("technologies", condition.clone()) };
    let query = ordered(Entity::find().filter(condition), order).expr_as(scalar(total.clone()), "total");
    let rows = query.offset(request.offset()).limit(request.limit()).into_model::<Counted>().all(db).await.map_err(sort)?;
    let total = match rows.first() {
        Some(first) => first.total.unwrap_or(0),
        // Only a page behind the last one says nothing of the total itself.
        None if request.page() > 1 => alone(db, total).await?,
        None => 0,
    };
    page(rows.into_iter().map(|counted| counted.row).collect(), total, request)
}

async fn alone(db: &impl ConnectionTrait, total: SelectStatement) -> Result<i64, StoreError> {
    let row = db.query_one(&total).await.map_err(sort)?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0).map_err(sort))
}

/// The number of all technologies of the project, as the triggers keep it.
fn kept_count(scope: &ProjectScope) -> SelectStatement {
    let count = Query::select().column("count").from("project_counts").and_where(Expr::col("project_id").eq(scope.project().get())).take();
    count.clone().and_where(Expr::col("entity").eq("technologies")).take()
}

fn matching(db: &impl ConnectionTrait, scope: &ProjectScope, filter: &TechnologyFilter) -> Condition {
    let TechnologyFilter { domain, status, ring, priority_min, maturity_level, cost_tier, search } = filter;
    Condition::all()
        .add(Column::ProjectId.eq(scope.project().get()))
        .add_option(domain.map(|one| Column::Domain.eq(one.as_str())))
        .add_option(status.map(|one| Column::Status.eq(one.as_str())))
        .add_option(ring.map(|one| Column::Ring.eq(one.as_str())))
        .add_option(priority_min.map(|least| Column::Priority.gte(least)))
        .add_option(maturity_level.map(|one| Column::MaturityLevel.eq(one.as_str())))
        .add_option(cost_tier.map(|one| Column::CostTier.eq(one.as_str())))
        .add_option(search.as_deref().map(|text| text_search::matches(db, "technologies", text)))
}

/// Each order is that of an index, read forwards or backwards; the id, or the unique title, makes it stable.
fn ordered(query: Select<Entity>, order: Option<Sort<TechnologySort>>) -> Select<Entity> {
    const RANK: &[Column] = &[Column::Priority, Column::RelevanceScore, Column::UpdatedAt, Column::Id];
    let order = order.unwrap_or(Sort { key: TechnologySort::Priority, direction: Direction::Descending });
    let (first, then): (&[Column], &[Column]) = match order.key {
        TechnologySort::Priority => (&[], RANK),
        TechnologySort::Status => (&[Column::Status], RANK),
        TechnologySort::Domain => (&[Column::Domain], RANK),
        TechnologySort::RelevanceScore => (&[Column::RelevanceScore], &[Column::Id]),
        TechnologySort::Title => (&[Column::TitleKey], &[]),
        TechnologySort::CreatedAt => (&[Column::CreatedAt], &[Column::Id]),
        TechnologySort::UpdatedAt => (&[Column::UpdatedAt], &[Column::Id]),
    };
    first.iter().chain(then).fold(query, |query, column| query.order_by(*column, order_of(order.direction)))
}
