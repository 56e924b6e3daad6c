//! Endings, many in a few statements.

use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Ending, Job, Progress, Settling};
use commandcenter_domain::shared::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement};
use serde_json::json;

use super::RUNNING;
use super::ending::writes;
use super::ledger::{says, under};
use super::row::job;
use crate::entity::job::{Column, Entity};
use crate::error::sort;
use crate::rows::{self, Columns, Kind};

/// Writes endings: those that succeeded in one statement, the others one by one. Gives the jobs whose leases held.
pub(super) async fn settle(db: &impl ConnectionTrait, ended: &[Settling], at: Timestamp) -> Result<Vec<Job>, StoreError> {
    let mut jobs = complete(db, ended, at).await?;
    for Settling { lease, ending, last } in ended.iter().filter(|one| !matches!(one.ending, Ending::Completed(_))) {
        let update = last.iter().fold(under(lease), says);
        let rows = writes(update, ending, at).exec_with_returning(db).await.map_err(sort)?;
        for row in rows {
            jobs.push(job(row)?);
        }
    }
    Ok(jobs)
}

const COLUMNS: Columns = &[
    ("job", Kind::Integer),
    ("claimed", Kind::Integer),
    ("owner", Kind::Text),
    ("outcome", Kind::Json),
    ("says", Kind::Integer),
    ("step", Kind::Text),
    ("done", Kind::Integer),
    ("failed", Kind::Integer),
    ("total", Kind::Integer),
];

/// What a run said last takes the place of what is kept; a run that said nothing new leaves it.
const SAID: &str = "current_step = CASE WHEN e.says = 1 THEN e.step ELSE current_step END, \
    items_done = CASE WHEN e.says = 1 THEN e.done ELSE items_done END, \
    items_failed = CASE WHEN e.says = 1 THEN e.failed ELSE items_failed END, \
    items_total = CASE WHEN e.says = 1 THEN e.total ELSE items_total END";

async fn complete(db: &impl ConnectionTrait, ended: &[Settling], at: Timestamp) -> Result<Vec<Job>, StoreError> {
    let mut rows = Vec::new();
    for Settling { lease, ending, last } in ended {
        if let Ending::Completed(result) = ending {
            let Progress { items, step, .. } = last.clone().unwrap_or_default();
            rows.push(json!({
                "job": lease.job, "claimed": lease.fence, "owner": lease.owner, "outcome": result,
                "says": i32::from(last.is_some()), "step": step, "done": items.done, "failed": items.failed, "total": items.total,
            }));
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let backend = db.get_database_backend();
    let columns = Column::iter().map(|column| column.as_str().to_owned()).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "UPDATE jobs SET status = 'completed', completed_at = $2, progress = 100, result = e.outcome, error = NULL, error_class = NULL, \
           lease_owner = NULL, lease_until = NULL, key_slot = NULL, {SAID} \
         FROM {rows} WHERE id = e.job AND fence = e.claimed AND lease_owner = e.owner AND {RUNNING} RETURNING {columns}",
        rows = rows::table(backend, COLUMNS),
    );
    let statement = Statement::from_sql_and_values(backend, sql, [rows::parameter(&rows), at.into()]);
    let rows = Entity::find().from_raw_sql(statement).all(db).await.map_err(sort)?;
    rows.into_iter().map(job).collect()
}
