//! Attempts and logs.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Attempt, AttemptOutcome, JobHistory, Lease, LogLevel, LogLine, NewLogLine, Recorded, Slice, Written};
use commandcenter_domain::shared::{JobId, Timestamp};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use serde_json::{Value, json};

use super::ledger::held;
use crate::entity::{job, job_attempt, job_log};
use crate::error::{broken, sort};
use crate::rows::{self, Columns, Kind};
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> JobHistory for On<C> {
    async fn attempts(&self, scope: &ProjectScope, id: JobId, (after, limit): (i64, u64)) -> Result<Slice<Attempt>, StoreError> {
        let query = job_attempt::Entity::find()
            .filter(job_attempt::Column::ProjectId.eq(scope.project().get()))
            .filter(job_attempt::Column::JobId.eq(id.get()))
            .filter(job_attempt::Column::Fence.gt(after));
        let rows = query.order_by_asc(job_attempt::Column::Fence).limit(limit + 1).all(&self.0).await.map_err(sort)?;
        let attempts = rows.into_iter().map(attempt).collect::<Result<Vec<_>, _>>()?;
        Ok(slice(attempts, limit, |attempt| attempt.fence))
    }

    async fn log(&self, scope: &ProjectScope, id: JobId, (after, limit): (i64, u64)) -> Result<Slice<LogLine>, StoreError> {
        let own = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .and_where(job::Column::Id.eq(id.get()))
            .and_where(job::Column::ProjectId.eq(scope.project().get()))
            .take();
        let query = job_log::Entity::find().filter(job_log::Column::JobId.in_subquery(own)).filter(job_log::Column::Id.gt(after));
        let rows = query.order_by_asc(job_log::Column::Id).limit(limit + 1).all(&self.0).await.map_err(sort)?;
        let lines = rows.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
        Ok(slice(lines, limit, |line| line.id))
    }
}

/// One row more than asked for was read: it tells whether there is a next part.
fn slice<T>(mut items: Vec<T>, limit: u64, id: impl Fn(&T) -> i64) -> Slice<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(id);
    Slice { items, next_cursor }
}

fn attempt(row: job_attempt::Model) -> Result<Attempt, StoreError> {
    let Some(outcome) = AttemptOutcome::parse(&row.outcome) else {
        return Err(broken(format!("an attempt of job {} has the unknown outcome `{}`", row.job_id, row.outcome)));
    };
    Ok(Attempt {
        fence: row.fence,
        number: row.number,
        worker: row.worker,
        started_at: row.started_at,
        ended_at: Some(row.ended_at),
        outcome: Some(outcome),
        error: row.error,
        error_class: row.error_class,
    })
}

fn line(row: job_log::Model) -> Result<LogLine, StoreError> {
    let Some(level) = LogLevel::parse(&row.level) else {
        return Err(broken(format!("line {} of a job's log has the unknown level `{}`", row.id, row.level)));
    };
    Ok(LogLine { id: row.id, line: NewLogLine { at: row.at, level, message: row.message } })
}

/// Adds lines to the log of a job whose lease holds.
pub(super) async fn log(db: &impl ConnectionTrait, lease: &Lease, lines: &[NewLogLine]) -> Result<Written, StoreError> {
    if lines.is_empty() {
        return Ok(Written::Yes);
    }
    if job::Entity::find().filter(held(lease)).count(db).await.map_err(sort)? == 0 {
        return Ok(Written::LeaseLost);
    }
    let rows = lines.iter().map(|line| job_log::ActiveModel {
        job_id: Set(lease.job.get()),
        at: Set(line.at),
        level: Set(line.level.as_str().to_owned()),
        message: Set(line.message.clone()),
        ..Default::default()
    });
    job_log::Entity::insert_many(rows).exec_without_returning(db).await.map_err(sort)?;
    Ok(Written::Yes)
}

/// Adds ended attempts.
pub(super) async fn record(db: &impl ConnectionTrait, attempts: &[Recorded]) -> Result<(), StoreError> {
    if attempts.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = attempts.iter().map(in_json).collect();
    db.execute_raw(rows::insert(db.get_database_backend(), "job_attempts", (COLUMNS, &rows), "")).await.map_err(sort)?;
    Ok(())
}

const COLUMNS: Columns = &[
    ("job_id", Kind::Integer),
    ("project_id", Kind::Integer),
    ("fence", Kind::Integer),
    ("number", Kind::Integer),
    ("queue", Kind::Text),
    ("worker", Kind::Text),
    ("started_at", Kind::Moment),
    ("ended_at", Kind::Moment),
    ("outcome", Kind::Text),
    ("error", Kind::Text),
    ("error_class", Kind::Text),
    ("wait_ms", Kind::Integer),
    ("run_ms", Kind::Integer),
];

fn in_json(one: &Recorded) -> Value {
    json!({
        "job_id": one.job,
        "project_id": one.project,
        "fence": one.fence,
        "number": one.number,
        "queue": one.queue,
        "worker": one.worker,
        "started_at": rows::moment(one.started_at),
        "ended_at": rows::moment(one.ended_at),
        "outcome": one.outcome,
        "error": one.trouble.as_ref().map(|trouble| &trouble.text),
        "error_class": one.trouble.as_ref().map(|trouble| trouble.class),
        "wait_ms": one.ready_at.map(|at| milliseconds(at, one.started_at)),
        "run_ms": milliseconds(one.started_at, one.ended_at),
    })
}

fn milliseconds(from: Timestamp, to: Timestamp) -> i64 {
    (to - from).num_milliseconds().max(0)
}
