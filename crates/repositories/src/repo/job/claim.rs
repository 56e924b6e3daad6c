//! The claim: one statement that takes a queue's ready jobs, the projects in turn.
//!
//! It walks along the projects that have waiting jobs (each step is one look into `idx_jobs_claim`), beginning after the project whose turn
//! was last, until enough of them have ready jobs; takes the best few of each; and deals them out one project after the other. What it
//! costs depends on the slots to fill and not on how many jobs wait.

use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Claim, Claimed, JobKind};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Iterable, Statement, Value};

use super::row::claimed;
use super::{RUNNING, WAITING, due};
use crate::entity::job::{Column, Entity};
use crate::error::sort;

/// How often a claim is tried anew when another one took the last slot of an exclusive key in the same moment.
const RACES: u8 = 4;

/// Takes jobs under leases.
pub(super) async fn claim(db: &impl ConnectionTrait, claim: &Claim<'_>) -> Result<Vec<Claimed>, StoreError> {
    if claim.limit == 0 || claim.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let backend = db.get_database_backend();
    for _ in 0..RACES {
        let statement = Statement::from_sql_and_values(backend, sql(claim.kinds, backend), values(claim));
        match Entity::find().from_raw_sql(statement).all(db).await.map_err(sort) {
            Ok(rows) => return Ok(in_turn(rows.into_iter().map(claimed).collect::<Result<_, _>>()?, claim)),
            Err(StoreError::Duplicate(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Vec::new())
}

/// In the order in which they were dealt: the databases give changed rows in any order.
fn in_turn(mut jobs: Vec<Claimed>, claim: &Claim<'_>) -> Vec<Claimed> {
    jobs.sort_by_key(|claimed| (claimed.job.run_at.map(|at| commandcenter_domain::job::rank(at, claimed.job.priority)), claimed.job.id));
    let mut turns = std::collections::HashMap::new();
    let mut dealt: Vec<_> = jobs
        .into_iter()
        .map(|claimed| {
            let turn = turns.entry(claimed.job.project).and_modify(|turn| *turn += 1).or_insert(0_u64);
            ((*turn, claimed.job.project <= claim.after, claimed.job.project), claimed)
        })
        .collect();
    dealt.sort_by_key(|(place, _)| *place);
    dealt.into_iter().map(|(_, claimed)| claimed).collect()
}

/// `$1` queue, `$2` the present, `$3` the project before the first turn, `$4` how many, `$5` owner, `$6` until when; kinds are our own
/// words and stand in the text.
fn values(claim: &Claim<'_>) -> Vec<Value> {
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    vec![claim.queue.as_str().into(), claim.now.into(), claim.after.get().into(), limit.into(), claim.owner.into(), claim.until.into()]
}

fn sql(kinds: &[JobKind], backend: DbBackend) -> String {
    let kinds = kinds.iter().map(|kind| format!("'{}'", kind.as_str())).collect::<Vec<_>>().join(", ");
    let columns = Column::iter().map(|column| sea_orm::IdenStatic::as_str(&column)).collect::<Vec<_>>().join(", ");
    format!(
        "WITH RECURSIVE ahead(project, found) AS (SELECT {first_ahead}, CAST(0 AS BIGINT) {open} UNION ALL SELECT {next}, found + {has} FROM ahead \
           WHERE project IS NOT NULL AND found < $4), \
         behind(project, found) AS (SELECT {first_behind}, CAST(0 AS BIGINT) {open} UNION ALL SELECT {next}, found + {has} FROM behind \
           WHERE project <= $3 AND found < $4), \
         shares AS (SELECT 0 AS lap, project FROM ahead WHERE project IS NOT NULL \
           UNION ALL SELECT 1, project FROM behind WHERE project <= $3), \
         candidates AS ({candidates}), \
         placed AS (SELECT *, row_number() OVER (PARTITION BY project, exclusive_key ORDER BY rank_at, id) AS nth, \
           row_number() OVER (PARTITION BY project ORDER BY rank_at, id) AS turn FROM candidates), \
         chosen AS (SELECT id FROM placed WHERE exclusive_key IS NULL OR nth = 1 ORDER BY turn, lap, project LIMIT $4) \
         UPDATE jobs SET status = 'running', lease_owner = $5, worker = $5, lease_until = $6, fence = fence + 1, attempt = attempt + 1, \
           progress = 0, current_step = NULL, attempt_started_at = $2, started_at = COALESCE(started_at, $2), key_slot = {slot} \
         WHERE id IN (SELECT id FROM chosen) RETURNING {columns}",
        first_ahead = next_after("$3"),
        first_behind = next_after("-1"),
        next = next_after("project"),
        has = has_ready(&kinds, backend),
        open = "WHERE NOT EXISTS (SELECT 1 FROM job_queues q WHERE q.name = $1 AND q.paused)",
        candidates = candidates(&kinds, backend),
        slot = free_slot(),
    )
}

/// The next project in the queue.
fn next_after(project: &str) -> String {
    format!("(SELECT j.project_id FROM jobs j WHERE {WAITING} AND j.queue = $1 AND j.project_id > {project} ORDER BY j.project_id LIMIT 1)")
}

fn ready(project: &str, kinds: &str) -> String {
    format!(
        "{WAITING} AND j.queue = $1 AND j.project_id = {project} AND j.rank_at <= $2 AND {due} AND j.kind IN ({kinds}) \
         AND (j.exclusive_key IS NULL OR (SELECT count(*) FROM jobs r WHERE r.{RUNNING} AND r.project_id = j.project_id \
           AND r.exclusive_key = j.exclusive_key) < j.key_limit)",
        due = due("$2"),
    )
}

fn has_ready(kinds: &str, backend: DbBackend) -> String {
    let by_rank = by_rank(backend);
    format!("(SELECT count(*) FROM (SELECT 1 FROM jobs j {by_rank} WHERE {} LIMIT 1) one)", ready("project", kinds))
}

/// SQLite keeps no figures of how values are spread, and would rather look for a project's past starts through its whole history.
const fn by_rank(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "INDEXED BY idx_jobs_claim",
        _ => "",
    }
}

/// The best of each project. On PostgreSQL rows that another claim is about to take are skipped; on SQLite there is one writer, so none
/// can be.
fn candidates(kinds: &str, backend: DbBackend) -> String {
    let (ready, by_rank) = (ready("s.project", kinds), by_rank(backend));
    match backend {
        DbBackend::Postgres => format!(
            "SELECT s.lap, s.project, c.id, c.rank_at, c.exclusive_key FROM shares s CROSS JOIN LATERAL (SELECT j.id, j.rank_at, \
             j.exclusive_key FROM jobs j WHERE {ready} ORDER BY j.rank_at, j.id LIMIT $4 FOR UPDATE SKIP LOCKED) c"
        ),
        _ => format!(
            "SELECT s.lap, s.project, c.id, c.rank_at, c.exclusive_key FROM shares s CROSS JOIN jobs c ON c.id IN (SELECT j.id FROM jobs j \
             {by_rank} WHERE {ready} ORDER BY j.rank_at, j.id LIMIT $4)"
        ),
    }
}

/// The lowest slot of the job's key that no run holds; the unique index over slots is what keeps two claims from one slot.
fn free_slot() -> String {
    let slots = (1..=16).map(|n| format!("({n})")).collect::<Vec<_>>().join(", ");
    format!(
        "CASE WHEN exclusive_key IS NULL THEN NULL ELSE (SELECT min(s.column1) FROM (VALUES {slots}) s WHERE NOT EXISTS (SELECT 1 FROM jobs r \
         WHERE r.{RUNNING} AND r.project_id = jobs.project_id AND r.exclusive_key = jobs.exclusive_key AND r.key_slot = s.column1)) END"
    )
}
