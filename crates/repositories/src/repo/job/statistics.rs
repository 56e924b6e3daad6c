//! Counting jobs. The seconds between two moments are the one thing the databases put in different words.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobStatus, StatusCount, Times};
use commandcenter_domain::shared::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter, QuerySelect, Statement};

use super::queue::within;
use crate::entity::job::Column;
use crate::error::{broken, sort};

#[derive(FromQueryResult)]
struct Row {
    status: String,
    count: i64,
    mean_seconds: Option<f64>,
}

pub(super) async fn count_by_status(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    since: Option<Timestamp>,
) -> Result<Vec<StatusCount>, StoreError> {
    let made = since.map(|since| Column::CreatedAt.gte(since));
    let query = made
        .into_iter()
        .fold(within(scope), QueryFilter::filter)
        .select_only()
        .column(Column::Status)
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .expr_as(Expr::cust(mean_seconds(db.get_database_backend())), "mean_seconds")
        .group_by(Column::Status);
    let rows = query.into_model::<Row>().all(db).await.map_err(sort)?;
    rows.into_iter().map(counted).collect()
}

const fn mean_seconds(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(AVG(EXTRACT(EPOCH FROM completed_at - started_at)) AS DOUBLE PRECISION)",
        _ => "AVG((julianday(completed_at) - julianday(started_at)) * 86400.0)",
    }
}

#[derive(FromQueryResult)]
struct TimesRow {
    wait_p50: Option<i64>,
    wait_p95: Option<i64>,
    run_p50: Option<i64>,
    run_p95: Option<i64>,
}

/// By nearest rank, which both databases can say.
pub(super) async fn times(db: &impl ConnectionTrait, scope: &ProjectScope, since: Timestamp) -> Result<Times, StoreError> {
    let ranked = |column: &str| {
        format!(
            "SELECT {column} AS ms, row_number() OVER (ORDER BY {column}) AS r, count(*) OVER () AS n FROM job_attempts \
             WHERE project_id = $1 AND ended_at >= $2 AND {column} IS NOT NULL"
        )
    };
    let at = |table: &str, percent: u8| format!("(SELECT max(ms) FROM {table} WHERE r = (n * {percent} + 99) / 100)");
    let sql = format!(
        "WITH w AS ({}), u AS ({}) SELECT {} AS wait_p50, {} AS wait_p95, {} AS run_p50, {} AS run_p95",
        ranked("wait_ms"),
        ranked("run_ms"),
        at("w", 50),
        at("w", 95),
        at("u", 50),
        at("u", 95),
    );
    let values = [scope.project().get().into(), since.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = TimesRow::find_by_statement(statement).one(db).await.map_err(sort)?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds, shown as seconds")]
    let seconds = |ms: Option<i64>| ms.map(|ms| ms as f64 / 1000.0);
    Ok(row
        .map(|row| Times {
            wait_p50: seconds(row.wait_p50),
            wait_p95: seconds(row.wait_p95),
            run_p50: seconds(row.run_p50),
            run_p95: seconds(row.run_p95),
        })
        .unwrap_or_default())
}

fn counted(row: Row) -> Result<StatusCount, StoreError> {
    let Some(status) = JobStatus::parse(&row.status) else {
        return Err(broken(format!("jobs have the unknown status `{}`", row.status)));
    };
    Ok(StatusCount { status, count: u64::try_from(row.count).unwrap_or(0), mean_seconds: row.mean_seconds })
}
