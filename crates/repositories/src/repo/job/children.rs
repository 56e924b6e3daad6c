//! Children counted off their parents, and counted anew.

use std::collections::BTreeMap;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Job, JobStatus};
use commandcenter_domain::shared::JobId;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::row::job;
use crate::entity::job::{Column, Entity};
use crate::error::sort;

/// What the ended children of one parent add up to.
#[derive(Default)]
struct Ended {
    children: i32,
    done: i32,
    failed: i32,
}

/// One statement for each parent, in the order of their ids so that two of these never wait for each other. Gives the parents.
pub(super) async fn ended(db: &impl ConnectionTrait, children: &[&Job]) -> Result<Vec<Job>, StoreError> {
    let mut parents = BTreeMap::<i64, Ended>::new();
    for child in children.iter().filter(|child| child.status.is_terminal()) {
        let Some(parent) = child.parent else { continue };
        let sum = parents.entry(parent.get()).or_default();
        let (done, failed) = counted(child);
        sum.children += 1;
        sum.done += done;
        sum.failed += failed;
    }
    let mut jobs = Vec::new();
    for (parent, sum) in parents {
        let rows = update(parent, &sum).exec_with_returning(db).await.map_err(sort)?;
        for row in rows {
            jobs.push(job(row)?);
        }
    }
    Ok(jobs)
}

/// The child's own count of what it worked through; one that does not count is one item.
fn counted(child: &Job) -> (i32, i32) {
    let ok = child.status == JobStatus::Completed;
    match child.items.total {
        Some(total) if ok => (total - child.items.failed, child.items.failed),
        Some(total) => (child.items.done, total - child.items.done),
        None => (i32::from(ok), i32::from(!ok)),
    }
}

fn update(parent: i64, sum: &Ended) -> sea_orm::UpdateMany<Entity> {
    let plus = |column: Column, n: i32| Expr::col(column).add(n);
    let worked = || plus(Column::ItemsDone, sum.done).add(Expr::col(Column::ItemsFailed)).add(sum.failed);
    // Not more than 99: the parent's own run ends it.
    let percent: SimpleExpr = worked().mul(99).div(Expr::col(Column::ItemsTotal));
    let progress = CaseStatement::new().case(Expr::col(Column::ItemsTotal).gt(0), percent).finally(Expr::col(Column::Progress));
    Entity::update_many()
        .col_expr(Column::OpenChildren, Expr::col(Column::OpenChildren).sub(sum.children))
        .col_expr(Column::ItemsDone, plus(Column::ItemsDone, sum.done))
        .col_expr(Column::ItemsFailed, plus(Column::ItemsFailed, sum.failed))
        .col_expr(Column::Progress, progress.into())
        .filter(Column::Id.eq(parent))
        .filter(Column::OpenChildren.gte(sum.children))
}

/// What an ended child counts as done and as failed, as [`counted`] has it.
const DONE: &str = "CASE WHEN c.status = 'completed' THEN COALESCE(c.items_total - c.items_failed, 1) WHEN c.items_total IS NULL THEN 0 \
    ELSE c.items_done END";
const FAILED: &str = "CASE WHEN c.status = 'completed' THEN (CASE WHEN c.items_total IS NULL THEN 0 ELSE c.items_failed END) \
    ELSE COALESCE(c.items_total - c.items_done, 1) END";

/// Counts the children of jobs anew: how many have yet to end, and what the ended ones came to. Gives those of the jobs that have any.
pub(super) async fn recount(db: &impl ConnectionTrait, scope: &ProjectScope, parents: &[JobId]) -> Result<Vec<Job>, StoreError> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let of_children = |what: &str, state: &str| {
        Expr::cust(format!(
            "COALESCE((SELECT {what} FROM jobs c WHERE c.parent_id = jobs.id AND c.status {state} ('completed', 'failed', 'cancelled', 'dead')), 0)"
        ))
    };
    let rows = Entity::update_many()
        .col_expr(Column::OpenChildren, of_children("COUNT(*)", "NOT IN"))
        .col_expr(Column::ItemsDone, of_children(&format!("SUM({DONE})"), "IN"))
        .col_expr(Column::ItemsFailed, of_children(&format!("SUM({FAILED})"), "IN"))
        .filter(Column::ProjectId.eq(scope.project().get()))
        .filter(Column::Id.is_in(parents.iter().map(|id| id.get())))
        .filter(Expr::cust("EXISTS (SELECT 1 FROM jobs c WHERE c.parent_id = jobs.id)"))
        .exec_with_returning(db)
        .await
        .map_err(sort)?;
    rows.into_iter().map(job).collect()
}
