//! How the queues stand.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Look, QueueFigures, QueueName, QueueSwitch};
use commandcenter_domain::shared::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::{RUNNING, WAITING, due};
use crate::error::{broken, sort};
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> QueueSwitch for On<C> {
    async fn figures(&self, now: Timestamp) -> Result<Vec<QueueFigures>, StoreError> {
        let sql = format!(
            "SELECT n.name, COALESCE(q.paused, FALSE) AS paused, COALESCE(l.ready, 0) AS ready, COALESCE(l.delayed, 0) AS delayed, \
               COALESCE(l.running, 0) AS running, COALESCE(l.workers, 0) AS workers, l.oldest, \
               (SELECT count(*) FROM job_attempts a WHERE a.ended_at > $2 AND a.queue = n.name) AS finished \
             FROM ({names}) n LEFT JOIN job_queues q ON q.name = n.name LEFT JOIN (SELECT queue, \
               count(*) FILTER (WHERE {WAITING} AND run_at <= $1) AS ready, count(*) FILTER (WHERE {WAITING} AND run_at > $1) AS delayed, \
               count(*) FILTER (WHERE {RUNNING}) AS running, count(DISTINCT lease_owner) AS workers, \
               min(run_at) FILTER (WHERE {WAITING} AND run_at <= $1) AS oldest \
               FROM jobs WHERE status IN ('pending', 'running', 'retrying') GROUP BY queue) l ON l.queue = n.name",
            names = names(),
        );
        let values = [now.into(), (now - TimeDelta::minutes(1)).into()];
        let statement = Statement::from_sql_and_values(self.0.get_database_backend(), sql, values);
        let rows = Row::find_by_statement(statement).all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(|row| figures(&row, now)).collect()
    }

    async fn set_paused(&self, queue: QueueName, paused: bool, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO job_queues (name, paused, changed_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (name) DO UPDATE SET paused = excluded.paused, changed_at = excluded.changed_at";
        let values = [queue.as_str().into(), paused.into(), at.into()];
        self.0.execute_raw(Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)).await.map_err(sort)?;
        Ok(())
    }
}

/// The names as a table of their own, so that a queue without jobs has figures too.
fn names() -> String {
    QueueName::ALL.iter().map(|queue| format!("SELECT '{}' AS name", queue.as_str())).collect::<Vec<_>>().join(" UNION ALL ")
}

#[derive(FromQueryResult)]
struct Row {
    name: String,
    paused: bool,
    ready: i64,
    delayed: i64,
    running: i64,
    workers: i64,
    oldest: Option<DateTime<Utc>>,
    finished: i64,
}

fn figures(row: &Row, now: Timestamp) -> Result<QueueFigures, StoreError> {
    let queue = QueueName::parse(&row.name).ok_or_else(|| broken("a queue has an unknown name"))?;
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(QueueFigures {
        queue,
        paused: row.paused,
        ready: number(row.ready),
        delayed: number(row.delayed),
        running: number(row.running),
        workers: number(row.workers),
        oldest_ready_seconds: row.oldest.map(|at| (now - at).as_seconds_f64().max(0.0)),
        finished_per_minute: number(row.finished),
    })
}

#[derive(FromQueryResult)]
struct Wake {
    ready: String,
    start: Option<DateTime<Utc>>,
    lapse: Option<DateTime<Utc>>,
}

/// Which queues hold ready jobs, and the next moment at which something is due: one statement of a few index look-ups.
pub(super) async fn look(db: &impl ConnectionTrait, now: Timestamp) -> Result<Look, StoreError> {
    let due = due("$1");
    let holds = |queue: &QueueName| {
        let name = queue.as_str();
        format!(
            "CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE {WAITING} AND queue = '{name}' AND rank_at <= $1 AND {due}) \
             AND NOT EXISTS (SELECT 1 FROM job_queues WHERE name = '{name}' AND paused) THEN '{name} ' ELSE '' END"
        )
    };
    let sql = format!(
        "SELECT {ready} AS ready, (SELECT min(run_at) FROM jobs WHERE {WAITING} AND run_at > $1) AS start, \
         (SELECT min(lease_until) FROM jobs WHERE {RUNNING} AND lease_until > $1) AS lapse",
        ready = QueueName::ALL.iter().map(holds).collect::<Vec<_>>().join(" || "),
    );
    let row = Wake::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [now.into()])).one(db).await;
    let Some(Wake { ready, start, lapse }) = row.map_err(sort)? else { return Ok(Look::default()) };
    Ok(Look { ready: ready.split_whitespace().filter_map(QueueName::parse).collect(), next: [start, lapse].into_iter().flatten().min() })
}
