//! How a run's ending is written into its row.

use commandcenter_domain::job::{Ending, Trouble, rank};
use commandcenter_domain::shared::Timestamp;
use sea_orm::UpdateMany;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use serde_json::Value;

use crate::entity::job::{Column, Entity};

/// What people read of a job that lost its worker.
pub(super) const WORKER_LOST: &str = "the worker that ran it stopped answering";

/// Adds what an ending changes.
pub(super) fn writes(update: UpdateMany<Entity>, ending: &Ending, at: Timestamp) -> UpdateMany<Entity> {
    match ending {
        Ending::Completed(result) => ended(update, "completed", at)
            .col_expr(Column::Progress, Expr::value(100))
            .col_expr(Column::Result, Expr::value(Some(result.clone())))
            .col_expr(Column::Error, Expr::value(Option::<String>::None))
            .col_expr(Column::ErrorClass, Expr::value(Option::<String>::None)),
        Ending::Failed(trouble) => troubled(ended(update, "failed", at), trouble),
        Ending::Dead(trouble) => troubled(ended(update, "dead", at), trouble),
        Ending::Cancelled => ended(update, "cancelled", at),
        Ending::Retry(trouble, next) => troubled(queued(update, *next, at), trouble),
        Ending::Wait(trouble, next) => uncounted(troubled(queued(update, *next, at), trouble)),
        Ending::Released(next) => uncounted(queued(update, *next, at)),
    }
}

/// Adds what the loss of a lease changes: the attempt counts, since what kills its worker must not be tried for ever.
pub(super) fn expires(update: UpdateMany<Entity>, now: Timestamp) -> UpdateMany<Entity> {
    let spent = || Expr::col(Column::Attempt).gte(Expr::col(Column::MaxAttempts));
    let status = CaseStatement::new().case(asked(), "cancelled").case(spent(), "dead").finally("retrying");
    let completed = CaseStatement::new().case(asked().or(spent()), Expr::value(now)).finally(no_moment());
    let update = freed(update).col_expr(Column::Status, status.into()).col_expr(Column::CompletedAt, completed.into());
    troubled(starts_at(update, now), &Trouble::new(WORKER_LOST, "lease_lost"))
}

fn ended(update: UpdateMany<Entity>, status: &'static str, at: Timestamp) -> UpdateMany<Entity> {
    freed(update).col_expr(Column::Status, Expr::value(status)).col_expr(Column::CompletedAt, Expr::value(at))
}

/// Back to the queue, unless somebody asked in the meantime for the job to stop.
fn queued(update: UpdateMany<Entity>, next: Timestamp, at: Timestamp) -> UpdateMany<Entity> {
    let status = CaseStatement::new().case(asked(), "cancelled").finally("retrying");
    let completed = CaseStatement::new().case(asked(), Expr::value(at)).finally(no_moment());
    starts_at(freed(update), next).col_expr(Column::Status, status.into()).col_expr(Column::CompletedAt, completed.into())
}

/// A new start, and the rank that follows from it. The databases have no word in common for taking a minute from a moment, so the ten
/// possible ranks are given to them.
pub(super) fn starts_at(update: UpdateMany<Entity>, next: Timestamp) -> UpdateMany<Entity> {
    let ranks = (1..=10).fold(CaseStatement::new(), |ranks, priority| {
        ranks.case(Expr::col(Column::Priority).eq(priority), Expr::value(rank(next, priority)))
    });
    update.col_expr(Column::RunAt, Expr::value(next)).col_expr(Column::RankAt, ranks.into())
}

fn freed(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update
        .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
        .col_expr(Column::LeaseUntil, no_moment())
        .col_expr(Column::KeySlot, Expr::value(Option::<i32>::None))
}

fn troubled(update: UpdateMany<Entity>, trouble: &Trouble) -> UpdateMany<Entity> {
    update
        .col_expr(Column::Error, Expr::value(trouble.text.as_str()))
        .col_expr(Column::ErrorClass, Expr::value(trouble.class))
        .col_expr(Column::Result, Expr::value(Option::<Value>::None))
}

fn uncounted(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update.col_expr(Column::Attempt, Expr::col(Column::Attempt).sub(1))
}

fn asked() -> SimpleExpr {
    Expr::col(Column::CancelRequested).eq(true)
}

fn no_moment() -> SimpleExpr {
    Expr::value(Option::<Timestamp>::None)
}
