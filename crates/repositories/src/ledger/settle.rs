//! After an attempt: how it ended is written once, and what was not used is given back to the budgets.

use std::time::Duration;

use commandcenter_domain::StoreError;
use commandcenter_domain::event::{NewEvent, Outbox};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{FailureKind, NanoDollars, Outcome, Settlement, Usage};
use commandcenter_domain::shared::{BudgetId, LlmAttemptId, ProjectId, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement, Value};
use serde_json::{Value as Json, json};

use super::rate::{self, Who};
use super::reserve::whole;
use crate::entity::llm_attempt::{Column, Entity, Model};
use crate::entity::{llm_budget, llm_budget_counter};
use crate::error::{broken, sort};
use crate::store::On;

/// What a settled attempt had reserved, and where.
#[derive(Debug, FromQueryResult)]
struct Held {
    project_id: i64,
    api_key_id: Option<i64>,
    reserved_nano: i64,
    counters: Json,
    claimed_tokens: i64,
}

/// Writes an ending once.
const CLOSE: &str = "UPDATE llm_attempts SET outcome = $2, failure = $3, input_tokens = $4, cached_tokens = $5, output_tokens = $6, \
    estimated = $7, cost_nano = $8, latency_ms = $9, first_token_ms = $10, ended_at = $11 \
    WHERE id = $1 AND outcome = 'open'";

/// Ends an attempt that counts against no budget and no limit, in one statement; whether there was such a one.
pub(super) async fn close_alone(db: &impl ConnectionTrait, id: LlmAttemptId, settlement: &Settlement) -> Result<bool, StoreError> {
    let sql = format!("{CLOSE} AND claimed_tokens = 0 AND CAST(counters AS TEXT) = '[]'");
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values(id, settlement, times(settlement)));
    Ok(db.execute_raw(statement).await.map_err(sort)?.rows_affected() > 0)
}

/// Ends an attempt that is open; whether it was.
pub(super) async fn close<C: ConnectionTrait + Send + Sync>(
    unit: &On<C>,
    id: LlmAttemptId,
    settlement: &Settlement,
) -> Result<bool, StoreError> {
    write(unit, id, settlement, times(settlement)).await
}

/// How long it took, and how long until the first token, in milliseconds.
type Times = (Option<i64>, Option<i64>);

fn times(settlement: &Settlement) -> Times {
    let milliseconds = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    (Some(milliseconds(settlement.latency)), settlement.first_token.map(milliseconds))
}

/// Ends an attempt of which nobody knows how it ended: it is billed as reserved. How long it took is not known either.
pub(super) async fn lose<C: ConnectionTrait + Send + Sync>(unit: &On<C>, attempt: &Model, at: Timestamp) -> Result<bool, StoreError> {
    let tokens = |count: i64| u64::try_from(count).unwrap_or(0);
    let (input_tokens, output_tokens) = (tokens(attempt.bound_input_tokens), tokens(attempt.bound_output_tokens));
    let settlement = Settlement {
        outcome: Outcome::Lost,
        failure: None,
        usage: Usage { input_tokens, cached_tokens: 0, output_tokens, estimated: true },
        cost: NanoDollars::new(attempt.reserved_nano),
        latency: Duration::ZERO,
        first_token: None,
        at,
    };
    write(unit, LlmAttemptId::new(attempt.id), &settlement, (None, None)).await
}

/// Open attempts begun before a moment.
pub(super) async fn forgotten(db: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<Vec<Model>, StoreError> {
    let query = Entity::find().filter(Column::Outcome.eq(Outcome::Open.as_str())).filter(Column::StartedAt.lt(before));
    query.order_by_asc(Column::StartedAt).limit(limit).all(db).await.map_err(sort)
}

fn values(id: LlmAttemptId, settlement: &Settlement, (latency, first_token): Times) -> [Value; 11] {
    let Settlement { outcome, failure, usage, cost, at, .. } = settlement;
    [
        id.get().into(),
        outcome.as_str().into(),
        failure.map(FailureKind::as_str).into(),
        whole(usage.input_tokens).into(),
        whole(usage.cached_tokens).into(),
        whole(usage.output_tokens).into(),
        usage.estimated.into(),
        cost.get().into(),
        latency.into(),
        first_token.into(),
        (*at).into(),
    ]
}

async fn write<C: ConnectionTrait + Send + Sync>(
    unit: &On<C>,
    id: LlmAttemptId,
    settlement: &Settlement,
    times: Times,
) -> Result<bool, StoreError> {
    let sql = format!("{CLOSE} RETURNING project_id, api_key_id, reserved_nano, counters, claimed_tokens");
    let statement = Statement::from_sql_and_values(unit.0.get_database_backend(), sql, values(id, settlement, times));
    let Some(held) = Held::find_by_statement(statement).one(&unit.0).await.map_err(sort)? else { return Ok(false) };
    // The key's row before the counters, as when they were taken. What was lost is of a minute long gone.
    if let Some(key) = held.api_key_id.filter(|_| held.claimed_tokens > 0 && settlement.outcome != Outcome::Lost) {
        let used = settlement.usage.input_tokens.saturating_add(settlement.usage.output_tokens);
        rate::take(&unit.0, Who { project: held.project_id, key }, (used, settlement.at)).await?;
    }
    let counters: Vec<i64> = serde_json::from_value(held.counters.clone()).map_err(broken)?;
    // In the order in which they were taken: two settlements never wait for each other crosswise.
    for counter in counters {
        give_back(unit, counter, (&held, settlement)).await?;
    }
    Ok(true)
}

/// A soft budget is reached when what was really spent meets its limit. Whether this very change did it is asked under the row's lock.
const GIVE_BACK: &str = "UPDATE llm_budget_counters SET reserved_nano = reserved_nano - $2, spent_nano = spent_nano + $3 WHERE id = $1 \
    RETURNING budget_id, CASE WHEN warned_at IS NULL AND spent_nano >= \
    (SELECT CASE WHEN b.mode = 'soft' THEN b.limit_nano END FROM llm_budgets b WHERE b.id = llm_budget_counters.budget_id) \
    THEN 1 ELSE 0 END AS is_reached";

#[derive(Debug, FromQueryResult)]
struct Given {
    budget_id: i64,
    is_reached: i32,
}

async fn give_back<C: ConnectionTrait + Send + Sync>(
    unit: &On<C>,
    counter: i64,
    (held, settlement): (&Held, &Settlement),
) -> Result<(), StoreError> {
    let values = [counter.into(), held.reserved_nano.into(), settlement.cost.get().into()];
    let statement = Statement::from_sql_and_values(unit.0.get_database_backend(), GIVE_BACK, values);
    // A budget that was deleted meanwhile took its counter along.
    match Given::find_by_statement(statement).one(&unit.0).await.map_err(sort)? {
        Some(Given { budget_id, is_reached: 1 }) => tell(unit, (held.project_id, budget_id, counter), settlement.at).await,
        Some(Given { .. }) | None => Ok(()),
    }
}

/// Says that a budget is reached, once in a period.
async fn tell<C: ConnectionTrait + Send + Sync>(
    unit: &On<C>,
    (project, budget, counter): (i64, i64, i64),
    at: Timestamp,
) -> Result<(), StoreError> {
    let counter = llm_budget_counter::Entity::find_by_id(counter).one(&unit.0).await.map_err(sort)?;
    let budget = llm_budget::Entity::find_by_id(budget).one(&unit.0).await.map_err(sort)?;
    let (Some(counter), Some(budget)) = (counter, budget) else { return Ok(()) };
    let mark = llm_budget_counter::ActiveModel { warned_at: sea_orm::ActiveValue::Set(Some(at)), ..Default::default() };
    let this = llm_budget_counter::Column::Id.eq(counter.id);
    llm_budget_counter::Entity::update_many().filter(this).set(mark).exec(&unit.0).await.map_err(sort)?;
    let data = json!({
        "budget_id": budget.id, "name": budget.name, "scope": budget.scope, "period": budget.period,
        "period_start": counter.period_start.to_rfc3339(), "limit_nano": budget.limit_nano, "spent_nano": counter.spent_nano,
    });
    let scope = ProjectScope::of_budget(ProjectId::new(project), BudgetId::new(budget.id));
    unit.publish(&scope, NewEvent { kind: "cc.llm.budget_reached.v1", data, at }).await
}
