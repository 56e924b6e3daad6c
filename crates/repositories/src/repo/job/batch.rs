//! Batches: what their children came to.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::batch::{BatchCount, BatchRepo, Tally};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Job, JobKind, JobStatus};
use commandcenter_domain::shared::JobId;
use sea_orm::entity::prelude::DateTimeUtc;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};

use super::queue::within;
use super::row::job;
use crate::entity::job::Column;
use crate::error::{broken, sort};
use crate::paging::count;
use crate::store::On;

#[derive(FromQueryResult)]
struct TallyRow {
    imported: i64,
    updated: i64,
    skipped: i64,
    failed: i64,
    begun: i64,
    started_at: Option<DateTimeUtc>,
}

#[derive(FromQueryResult)]
struct CountRow {
    kind: String,
    status: String,
    count: i64,
    mean_seconds: Option<f64>,
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> BatchRepo for On<C> {
    async fn tally(&self, scope: &ProjectScope, batch: JobId) -> Result<Tally, StoreError> {
        let values = [scope.project().get().into(), batch.get().into()];
        let statement = Statement::from_sql_and_values(self.0.get_database_backend(), tally_sql(), values);
        let Some(row) = TallyRow::find_by_statement(statement).one(&self.0).await.map_err(sort)? else { return Ok(Tally::default()) };
        Ok(Tally {
            imported: count(row.imported)?,
            updated: count(row.updated)?,
            skipped: count(row.skipped)?,
            failed: count(row.failed)?,
            begun: count(row.begun)?,
            started_at: row.started_at,
        })
    }

    async fn parts(&self, scope: &ProjectScope, batch: JobId, (skip, limit): (u64, u64)) -> Result<Vec<Job>, StoreError> {
        let children = within(scope).filter(Column::ParentId.eq(batch.get())).order_by_asc(Column::Id);
        let rows = children.offset(skip).limit(limit).all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(job).collect()
    }

    async fn count(&self, scope: &ProjectScope) -> Result<Vec<BatchCount>, StoreError> {
        let kinds = JobKind::ALL.iter().filter(|kind| kind.is_batch()).map(|kind| kind.as_str());
        let query = within(scope)
            .filter(Column::Kind.is_in(kinds))
            .select_only()
            .column(Column::Kind)
            .column(Column::Status)
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .expr_as(Expr::cust(mean_seconds(self.0.get_database_backend())), "mean_seconds")
            .group_by(Column::Kind)
            .group_by(Column::Status);
        let rows = query.into_model::<CountRow>().all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(counted).collect()
    }
}

/// A completed child keeps its counts in its result; of one that ended otherwise nothing was written, so all its items failed.
fn tally_sql() -> String {
    let done = |name: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN status = 'completed' THEN CAST(result ->> '{name}' AS BIGINT) END), 0) AS BIGINT) AS {name}")
    };
    format!(
        "SELECT {}, {}, {}, \
           CAST(COALESCE(SUM(CASE WHEN status IN ('failed', 'cancelled', 'dead') THEN items_total END), 0) AS BIGINT) AS failed, \
           CAST(COALESCE(SUM(fence), 0) AS BIGINT) AS begun, MIN(started_at) AS started_at \
         FROM jobs WHERE project_id = $1 AND parent_id = $2",
        done("imported"),
        done("updated"),
        done("skipped"),
    )
}

const fn mean_seconds(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(AVG(EXTRACT(EPOCH FROM completed_at - created_at)) AS DOUBLE PRECISION)",
        _ => "AVG((julianday(completed_at) - julianday(created_at)) * 86400.0)",
    }
}

fn counted(row: CountRow) -> Result<BatchCount, StoreError> {
    let unknown = |what: &str| broken(format!("batches are of the unknown {what}"));
    let kind = JobKind::parse(&row.kind).ok_or_else(|| unknown("kind"))?;
    let status = JobStatus::parse(&row.status).ok_or_else(|| unknown("status"))?;
    Ok(BatchCount { kind, status, count: count(row.count)?, mean_seconds: row.mean_seconds })
}
