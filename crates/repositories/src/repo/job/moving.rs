//! Moving ended jobs out of `jobs`: found along the primary key, which needs no index of its own.
//!
//! A move takes hold of what it moves before it reads it. Whatever somebody else holds is passed over, together with the batch it belongs
//! to, so that nobody waits for a move, a move waits for nobody, and of two moves at once each job is taken by one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Due, JobStatus, Stretch};
use commandcenter_domain::shared::{JobId, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde_json::json;

use crate::error::{broken, sort};
use crate::rows::{self, Columns, Kind};

/// What goes by itself, by the parameters `$1` to `$4`. A state that stays has NULL for its moment, and nothing is before that.
const DUE: &str = "parent_id IS NULL AND completed_at < CASE status WHEN 'completed' THEN $1 WHEN 'cancelled' THEN $2 \
    WHEN 'failed' THEN $3 WHEN 'dead' THEN $4 END";
/// What the archive keeps of a job.
const KEPT: &str = "id, project_id, parent_id, kind, queue, status, priority, progress, attempt, max_attempts, parameters, tags, result, \
    error, error_class, items_done, items_failed, items_total, created_by, request_id, created_at, started_at, completed_at";
/// Rows that are named by their ids.
const IDS: Columns = &[("id", Kind::Integer)];

fn moments(due: &Due) -> [Value; 4] {
    let Due { completed, cancelled, failed, dead } = *due;
    [completed.into(), cancelled.into(), failed.into(), dead.into()]
}

#[derive(FromQueryResult)]
struct Seen {
    seen: i64,
    due: i64,
    last: Option<i64>,
    oldest: Option<DateTime<Utc>>,
}

/// Looks at the next jobs behind an id.
pub(super) async fn look(db: &impl ConnectionTrait, due: &Due, (after, limit): (JobId, u64)) -> Result<Stretch, StoreError> {
    let sql = format!(
        "SELECT count(*) AS seen, count(*) FILTER (WHERE {DUE}) AS due, max(id) AS last, min(created_at) AS oldest FROM \
         (SELECT id, parent_id, status, completed_at, created_at FROM jobs WHERE id > $5 ORDER BY id LIMIT $6) s"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = moments(due).into_iter().chain([after.get().into(), limit.into()]);
    let row = Seen::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).one(db).await;
    let Seen { seen, due, last, oldest } = row.map_err(sort)?.ok_or_else(|| broken("counting jobs gave nothing"))?;
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(Stretch { after, last: last.map_or(after, JobId::new), seen: number(seen), due: number(due), oldest })
}

/// Moves the due jobs of a stretch, and their children, into the archive.
pub(super) async fn archive(
    db: &impl ConnectionTrait,
    (stretch, due): (&Stretch, &Due),
    at: Timestamp,
) -> Result<BTreeMap<JobStatus, u64>, StoreError> {
    let roots = due_roots(db, (stretch, due)).await?;
    if roots.is_empty() {
        return Ok(BTreeMap::new());
    }
    let held = hold_families(db, &roots).await?;
    let ended = ended_families(db, &roots, held.as_ref()).await?;
    let mut counts = BTreeMap::new();
    for status in ended.values() {
        *counts.entry(*status).or_default() += 1;
    }
    if !ended.is_empty() {
        carry(db, ids_parameter(ended.keys().copied()), at).await?;
    }
    Ok(counts)
}

/// The due jobs of a stretch that are part of nothing, held where others could take them meanwhile.
async fn due_roots(db: &impl ConnectionTrait, (stretch, due): (&Stretch, &Due)) -> Result<Vec<i64>, StoreError> {
    let backend = db.get_database_backend();
    let sql = format!("SELECT id FROM jobs WHERE {DUE} AND id > $5 AND id <= $6 ORDER BY id {}", hold(backend));
    let values = moments(due).into_iter().chain([stretch.after.get().into(), stretch.last.get().into()]);
    ids(db, Statement::from_sql_and_values(backend, sql, values)).await
}

/// Takes hold of the descendants of jobs that are held, as far as nobody else holds them, and gives all that is held. `None` where nobody
/// else can hold any: SQLite has one writer.
async fn hold_families(db: &impl ConnectionTrait, roots: &[i64]) -> Result<Option<BTreeSet<i64>>, StoreError> {
    let backend = db.get_database_backend();
    if backend != DbBackend::Postgres {
        return Ok(None);
    }
    let sql = format!("{} SELECT id FROM jobs WHERE id IN (SELECT id FROM family) ORDER BY id {}", family(backend), hold(backend));
    let values = [ids_parameter(roots.iter().copied())];
    Ok(Some(ids(db, Statement::from_sql_and_values(backend, sql, values)).await?.into_iter().collect()))
}

#[derive(FromQueryResult)]
struct Member {
    root: i64,
    id: i64,
    status: String,
}

/// The members of those families that have ended to the last and are held to the last. A statement of its own, so that it sees what was
/// committed before the hold.
async fn ended_families(
    db: &impl ConnectionTrait,
    roots: &[i64],
    held: Option<&BTreeSet<i64>>,
) -> Result<BTreeMap<i64, JobStatus>, StoreError> {
    let backend = db.get_database_backend();
    let sql = format!("{} SELECT f.root, f.id, f.status FROM family f", family(backend));
    let statement = Statement::from_sql_and_values(backend, sql, [ids_parameter(roots.iter().copied())]);
    let members = Member::find_by_statement(statement).all(db).await.map_err(sort)?;
    let (mut ended, mut staying) = (Vec::with_capacity(members.len()), BTreeSet::new());
    for Member { root, id, status } in members {
        let known = JobStatus::parse(&status).ok_or_else(|| broken(format!("job {id} has the unknown status `{status}`")))?;
        if known.is_terminal() && held.is_none_or(|held| held.contains(&id)) {
            ended.push((root, id, known));
        } else {
            staying.insert(root);
        }
    }
    Ok(ended.into_iter().filter(|(root, _, _)| !staying.contains(root)).map(|(_, id, status)| (id, status)).collect())
}

/// Copies jobs, then removes them: their attempts, logs and effects go with the rows.
async fn carry(db: &impl ConnectionTrait, ids: Value, at: Timestamp) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let named = format!("FROM jobs WHERE id IN (SELECT e.id FROM {})", rows::table(backend, IDS));
    let copy = format!("INSERT INTO job_archive ({KEPT}, archived_at) SELECT {KEPT}, $2 {named} ORDER BY id ON CONFLICT (id) DO NOTHING");
    db.execute_raw(Statement::from_sql_and_values(backend, copy, [ids.clone(), at.into()])).await.map_err(sort)?;
    db.execute_raw(Statement::from_sql_and_values(backend, format!("DELETE {named}"), [ids])).await.map_err(sort)?;
    Ok(())
}

/// `family`: the jobs named by `$1`, the roots, with all that descends from them.
fn family(backend: DbBackend) -> String {
    let named = rows::table(backend, IDS);
    format!(
        "WITH RECURSIVE family (root, id, status) AS (SELECT j.id, j.id, j.status FROM jobs j WHERE j.id IN (SELECT e.id FROM {named}) \
         UNION ALL SELECT f.root, c.id, c.status FROM family f JOIN jobs c ON c.parent_id = f.id AND c.parent_id IS NOT NULL)"
    )
}

const fn hold(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}

fn ids_parameter(ids: impl Iterator<Item = i64>) -> Value {
    rows::parameter(&ids.map(|id| json!({ "id": id })).collect::<Vec<_>>())
}

async fn ids(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<i64>, StoreError> {
    let rows = db.query_all_raw(statement).await.map_err(sort)?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(sort)).collect()
}
