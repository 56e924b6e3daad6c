//! What a key may use in a minute: one row for a key in a project, which calls wait in line for. What calls under way may still take is
//! the sum over their rows in the ledger, so that nothing stays held of one whose process stopped.

use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::StoreError;
use commandcenter_domain::llm::{Bucket, CallError, NewAttempt, Rate};
use commandcenter_domain::shared::{ApiKeyId, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Statement};

use crate::entity::llm_key_limit::{Column, Entity};
use crate::error::sort;

/// How long a claim is believed in: the longest that a call can take, and a little.
const LONGEST: TimeDelta = TimeDelta::minutes(11);

/// A key in a project.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) project: i64,
    pub(super) key: i64,
}

/// Whether an attempt comes with a key that is limited.
pub(super) async fn limited(db: &impl ConnectionTrait, attempt: &NewAttempt) -> Result<Option<Who>, StoreError> {
    let Some(key) = attempt.attribution.api_key.map(ApiKeyId::get) else { return Ok(None) };
    let who = Who { project: attempt.attribution.project.get(), key };
    let query = Entity::find().filter(Column::ProjectId.eq(who.project)).filter(Column::ApiKeyId.eq(key));
    Ok((query.count(db).await.map_err(sort)? > 0).then_some(who))
}

/// Takes a request, where this is a call's first attempt, and says how many tokens the attempt's row is to claim.
///
/// # Errors
/// [`CallError::RateLimited`]; nothing is taken once the transaction is given up.
pub(super) async fn claim(db: &impl ConnectionTrait, who: Who, attempt: &NewAttempt) -> Result<i64, CallError> {
    // Deleted meanwhile: nothing is limited.
    let Some(mut row) = Row::hold(db, who).await? else { return Ok(0) };
    if let Some(bucket) = row.requests().filter(|_| attempt.number <= 1) {
        bucket.admit(1, 0, attempt.at).map_err(|wait| refused(Rate::Requests, row.requests_per_minute, wait))?;
        row.requests_full_at = bucket.take(1, attempt.at).full_at();
        row.write(db, who).await?;
    }
    let Some(bucket) = row.tokens() else { return Ok(0) };
    let claim = bucket.claim(attempt.bound.input_tokens.saturating_add(attempt.bound.output_tokens));
    let held = held(db, who, attempt.at).await?;
    bucket.admit(claim, held, attempt.at).map_err(|wait| refused(Rate::Tokens, row.tokens_per_minute, wait))?;
    Ok(super::reserve::whole(claim))
}

/// Takes what an attempt used, whose row claims nothing any more.
pub(super) async fn take(db: &impl ConnectionTrait, who: Who, (used, at): (u64, Timestamp)) -> Result<(), StoreError> {
    let Some(mut row) = Row::hold(db, who).await? else { return Ok(()) };
    let Some(bucket) = row.tokens() else { return Ok(()) };
    row.tokens_full_at = bucket.take(used, at).full_at();
    row.write(db, who).await
}

/// What calls under way hold.
async fn held(db: &impl ConnectionTrait, who: Who, at: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(claimed_tokens), 0) AS BIGINT) FROM llm_attempts \
        WHERE outcome = 'open' AND started_at > $1 AND project_id = $2 AND api_key_id = $3";
    let values = [(at - LONGEST).into(), who.project.into(), who.key.into()];
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
    let sum: i64 = row.map(|row| row.try_get_by_index(0)).transpose().map_err(sort)?.unwrap_or(0);
    Ok(u64::try_from(sum).unwrap_or(0))
}

fn refused(of: Rate, limit: Option<i64>, wait: Duration) -> CallError {
    // A call under way may end sooner than the bucket fills; a second is the least that can be told.
    let retry_after = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    CallError::RateLimited { of, limit: limit.map_or(0, i64::unsigned_abs), retry_after: retry_after.max(1) }
}

/// The row of a key, held until the transaction ends.
#[derive(Debug, FromQueryResult)]
struct Row {
    requests_per_minute: Option<i64>,
    tokens_per_minute: Option<i64>,
    requests_full_at: i64,
    tokens_full_at: i64,
}

impl Row {
    /// Waits for the row: writing is what both databases let one at a time do.
    async fn hold(db: &impl ConnectionTrait, who: Who) -> Result<Option<Self>, StoreError> {
        let sql = "UPDATE llm_key_limits SET updated_at = updated_at WHERE project_id = $1 AND api_key_id = $2 \
            RETURNING requests_per_minute, tokens_per_minute, requests_full_at, tokens_full_at";
        let values = [who.project.into(), who.key.into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Self::find_by_statement(statement).one(db).await.map_err(sort)
    }

    async fn write(&self, db: &impl ConnectionTrait, who: Who) -> Result<(), StoreError> {
        let sql = "UPDATE llm_key_limits SET requests_full_at = $3, tokens_full_at = $4 WHERE project_id = $1 AND api_key_id = $2";
        let values = [who.project.into(), who.key.into(), self.requests_full_at.into(), self.tokens_full_at.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
        Ok(())
    }

    fn requests(&self) -> Option<Bucket> {
        self.requests_per_minute.map(|limit| Bucket::new(limit.unsigned_abs(), self.requests_full_at))
    }

    fn tokens(&self) -> Option<Bucket> {
        self.tokens_per_minute.map(|limit| Bucket::new(limit.unsigned_abs(), self.tokens_full_at))
    }
}
