//! Pages in one statement: each row carries the total.

use commandcenter_domain::shared::Direction;
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{Condition, Order};

use crate::error::broken;

/// Counts the rows of a table that pass a condition, as an expression.
pub(crate) fn count_where(table: &'static str, condition: Condition) -> SelectStatement {
    Query::select().expr(Expr::cust("COUNT(*)")).from(table).cond_where(condition).take()
}

/// A subselect as a value.
pub(crate) fn scalar(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// SQL's word for a direction.
pub(crate) const fn order_of(direction: Direction) -> Order {
    match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    }
}

/// A page of rows turned into domain values.
pub(crate) fn page<R, T: TryFrom<R, Error = String>>(rows: Vec<R>, total: i64, request: PageRequest) -> Result<Page<T>, StoreError> {
    let items = rows.into_iter().map(T::try_from).collect::<Result<_, _>>().map_err(broken)?;
    Ok(Page { items, total: count(total)?, request })
}

/// A number of rows as the domain counts.
pub(crate) fn count(rows: i64) -> Result<u64, StoreError> {
    u64::try_from(rows).map_err(broken)
}
