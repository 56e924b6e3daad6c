//! Leases over jobs. Each step is one statement whose conditions are the fence, so that no read can go stale before its write.
//!
//! The conditions over `status` are written out as in the partial indexes of `jobs`: that is how the planners recognise those.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::job::{
    Beat, Claim, Claimed, Job, JobLedger, Lease, Look, NewLogLine, Progress, QueueDepth, Recorded, Settling, Written,
};
use commandcenter_domain::shared::{JobId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, UpdateMany};

use super::row::job;
use super::{RUNNING, WAITING};
use crate::entity::job::{Column, Entity};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> JobLedger for On<C> {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Claimed>, StoreError> {
        super::claim::claim(&self.0, claim).await
    }

    async fn look(&self, now: Timestamp) -> Result<Look, StoreError> {
        super::figures::look(&self.0, now).await
    }

    async fn extend(&self, owner: &str, jobs: &[JobId], until: Timestamp) -> Result<Vec<Beat>, StoreError> {
        let named = Column::Id.is_in(jobs.iter().map(|job| job.get()));
        let update = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(until)).filter(named).filter(held_by(owner));
        let rows = update.exec_with_returning(&self.0).await.map_err(sort)?;
        Ok(rows.into_iter().map(|row| Beat { job: JobId::new(row.id), fence: row.fence, cancel_requested: row.cancel_requested }).collect())
    }

    async fn cancel_requested(&self, owner: &str) -> Result<Vec<JobId>, StoreError> {
        let asked = Entity::find().filter(held_by(owner)).filter(Column::CancelRequested.eq(true));
        let ids: Vec<i64> = asked.select_only().column(Column::Id).into_tuple().all(&self.0).await.map_err(sort)?;
        Ok(ids.into_iter().map(JobId::new).collect())
    }

    async fn progress(&self, lease: &Lease, progress: &Progress) -> Result<Written, StoreError> {
        let done = says(under(lease), progress).exec(&self.0).await.map_err(sort)?;
        Ok(if done.rows_affected == 0 { Written::LeaseLost } else { Written::Yes })
    }

    async fn log(&self, lease: &Lease, lines: &[NewLogLine]) -> Result<Written, StoreError> {
        super::history::log(&self.0, lease, lines).await
    }

    async fn settle(&self, ended: &[Settling], at: Timestamp) -> Result<Vec<Job>, StoreError> {
        super::settle::settle(&self.0, ended, at).await
    }

    async fn record(&self, attempts: &[Recorded]) -> Result<(), StoreError> {
        super::history::record(&self.0, attempts).await
    }

    async fn children_ended(&self, children: &[&Job]) -> Result<Vec<Job>, StoreError> {
        super::children::ended(&self.0, children).await
    }

    async fn reap(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let expired = Entity::update_many().filter(Expr::cust(RUNNING)).filter(Column::LeaseUntil.lte(now));
        let rows = super::ending::expires(expired, now).exec_with_returning(&self.0).await.map_err(sort)?;
        rows.into_iter().map(job).collect()
    }

    async fn depth(&self, now: Timestamp) -> Result<QueueDepth, StoreError> {
        let count = |condition: SimpleExpr| Query::select().expr(Expr::cust("COUNT(*)")).from(Entity).and_where(condition).take();
        let due = count(Expr::cust(WAITING).and(Column::RunAt.lte(now)));
        let later = count(Expr::cust(WAITING).and(Column::RunAt.gt(now)));
        let all = Query::select()
            .expr_as(sub(due), "ready")
            .expr_as(sub(count(Expr::cust(RUNNING))), "running")
            .expr_as(sub(later), "delayed")
            .take();
        let row = Depth::find_by_statement(self.0.get_database_backend().build(&all)).one(&self.0).await.map_err(sort)?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(row
            .map(|row| QueueDepth { ready: number(row.ready), running: number(row.running), delayed: number(row.delayed) })
            .unwrap_or_default())
    }
}

#[derive(FromQueryResult)]
struct Depth {
    ready: i64,
    running: i64,
    delayed: i64,
}

fn held_by(owner: &str) -> SimpleExpr {
    Expr::cust(RUNNING).and(Column::LeaseOwner.eq(owner))
}

/// The fence: only the run that holds this lease matches.
pub(super) fn under(lease: &Lease) -> UpdateMany<Entity> {
    Entity::update_many().filter(held(lease))
}

/// Adds what a run says of its progress.
pub(super) fn says(update: UpdateMany<Entity>, progress: &Progress) -> UpdateMany<Entity> {
    let Progress { items, percent, step } = progress;
    update
        .col_expr(Column::Progress, Expr::value(*percent))
        .col_expr(Column::CurrentStep, Expr::value(step.clone()))
        .col_expr(Column::ItemsDone, Expr::value(items.done))
        .col_expr(Column::ItemsFailed, Expr::value(items.failed))
        .col_expr(Column::ItemsTotal, Expr::value(items.total))
}

/// Whether the lease holds.
pub(super) fn held(lease: &Lease) -> SimpleExpr {
    Column::Id.eq(lease.job.get()).and(held_by(&lease.owner)).and(Column::Fence.eq(lease.fence))
}

fn sub(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
