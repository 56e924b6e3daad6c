//! Operations on many jobs of a project, in one statement each.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{BulkFilter, Job, JobStatus, Step};
use commandcenter_domain::shared::{JobId, Timestamp};
use sea_orm::sea_query::{CaseStatement, Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, UpdateMany};
use serde_json::Value;

use super::ending::starts_at;
use super::row::job;
use crate::entity::job::{Column, Entity};
use crate::error::sort;

/// Of jobs with one unique key only the youngest may live again, and only while no other lives.
const KEY_IS_FREE: &str = "unique_key IS NULL OR (NOT EXISTS (SELECT 1 FROM jobs l WHERE l.project_id = jobs.project_id \
    AND l.unique_key = jobs.unique_key AND l.status IN ('pending', 'running', 'retrying')) \
    AND NOT EXISTS (SELECT 1 FROM jobs y WHERE y.project_id = jobs.project_id AND y.unique_key = jobs.unique_key AND y.id > jobs.id \
    AND y.status IN ('failed', 'cancelled', 'dead')))";

/// Sends jobs round again.
pub(super) async fn revive(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, limit): (&BulkFilter, u64),
    at: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    let chosen = chosen(scope, (filter, limit), Step::Revive).and_where(Expr::cust(KEY_IS_FREE)).take();
    let update = starts_at(Entity::update_many(), at)
        .col_expr(Column::Status, Expr::value("pending"))
        .col_expr(Column::Attempt, Expr::value(0))
        .col_expr(Column::Progress, Expr::value(0))
        .col_expr(Column::CurrentStep, Expr::value(Option::<String>::None))
        .col_expr(Column::ItemsDone, Expr::value(0))
        .col_expr(Column::ItemsFailed, Expr::value(0))
        .col_expr(Column::CancelRequested, Expr::value(false))
        .col_expr(Column::Error, Expr::value(Option::<String>::None))
        .col_expr(Column::ErrorClass, Expr::value(Option::<String>::None))
        .col_expr(Column::Result, Expr::value(Option::<Value>::None))
        .col_expr(Column::StartedAt, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::CompletedAt, Expr::value(Option::<Timestamp>::None));
    changed(db, update.filter(Column::Id.in_subquery(chosen))).await
}

/// Cancels what waits and asks what runs.
pub(super) async fn cancel(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, limit): (&BulkFilter, u64),
    at: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    let chosen = chosen(scope, (filter, limit), Step::Cancel).and_where(Column::CancelRequested.eq(false)).take();
    changed(db, cancels(Entity::update_many(), at).filter(Column::Id.in_subquery(chosen))).await
}

/// What a cancel changes: a waiting job ends, a running one is asked.
pub(super) fn cancels(update: UpdateMany<Entity>, at: Timestamp) -> UpdateMany<Entity> {
    let waits = || Column::Status.ne("running");
    let status = CaseStatement::new().case(waits(), "cancelled").finally(Expr::col(Column::Status));
    let completed = CaseStatement::new().case(waits(), Expr::value(at)).finally(Expr::value(Option::<Timestamp>::None));
    update
        .col_expr(Column::CancelRequested, Expr::value(true))
        .col_expr(Column::Status, status.into())
        .col_expr(Column::CompletedAt, completed.into())
}

/// Deletes ended jobs.
pub(super) async fn discard(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, limit): (&BulkFilter, u64),
) -> Result<u64, StoreError> {
    let ended = Column::Status.is_in(JobStatus::ALL.iter().filter(|status| status.is_terminal()).map(|status| status.as_str()));
    let chosen = chosen(scope, (filter, limit), Step::Delete).and_where(ended).take();
    let done = Entity::delete_many().filter(Column::Id.in_subquery(chosen)).exec(db).await.map_err(sort)?;
    Ok(done.rows_affected)
}

async fn changed(db: &impl ConnectionTrait, update: UpdateMany<Entity>) -> Result<Vec<Job>, StoreError> {
    let rows = update.exec_with_returning(db).await.map_err(sort)?;
    let mut jobs = rows.into_iter().map(job).collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

/// The ids of the jobs that an operation takes, oldest first.
fn chosen(scope: &ProjectScope, (filter, limit): (&BulkFilter, u64), step: Step) -> SelectStatement {
    let BulkFilter { status, kind, queue, ids, parents } = filter;
    let allowed = JobStatus::allowing(step).into_iter().filter(|one| status.is_empty() || status.contains(one));
    let mut chosen = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::ProjectId.eq(scope.project().get()))
        .and_where(Column::Status.is_in(allowed.map(JobStatus::as_str)))
        .order_by(Column::Id, Order::Asc)
        .limit(limit)
        .take();
    let given: [Option<SimpleExpr>; 4] = [
        kind.map(|kind| Column::Kind.eq(kind.as_str())),
        queue.map(|queue| Column::Queue.eq(queue.as_str())),
        (!parents.is_empty()).then(|| Column::ParentId.is_in(numbers(parents))),
        (!ids.is_empty()).then(|| Column::Id.is_in(numbers(ids))),
    ];
    for condition in given.into_iter().flatten() {
        chosen.and_where(condition);
    }
    chosen
}

fn numbers(ids: &[JobId]) -> impl Iterator<Item = i64> {
    ids.iter().map(|id| id.get())
}
