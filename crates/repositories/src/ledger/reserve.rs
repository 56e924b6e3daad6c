//! Before an attempt: its bound is taken from every budget it counts against, all or none, and its row is written.

use commandcenter_domain::StoreError;
use commandcenter_domain::llm::{BudgetMode, BudgetScopeKind, CallError, HIGHEST_LIMIT, NewAttempt, Outcome, Period};
use commandcenter_domain::shared::{ApiKeyId, LlmAttemptId, Timestamp, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement};
use serde_json::json;

use crate::entity::llm_attempt;
use crate::entity::llm_budget::{Column, Entity, Model};
use crate::error::{broken, sort};

/// A budget that an attempt counts against, with the window it falls into.
#[derive(Debug)]
pub(super) struct Matching {
    id: i64,
    name: String,
    mode: BudgetMode,
    start: Timestamp,
    end: Option<Timestamp>,
}

/// The budgets that an attempt counts against, always in the same order: two attempts never wait for each other crosswise.
pub(super) async fn budgets(db: &impl ConnectionTrait, attempt: &NewAttempt) -> Result<Vec<Matching>, StoreError> {
    let who = &attempt.attribution;
    let of = |kind: BudgetScopeKind| Condition::all().add(Column::Scope.eq(kind.as_str()));
    let mut any =
        Condition::any().add(of(BudgetScopeKind::Project)).add(of(BudgetScopeKind::Cause).add(Column::Cause.eq(who.cause.as_str())));
    if let Some(user) = who.user.map(UserId::get) {
        any = any.add(of(BudgetScopeKind::User).add(Column::UserId.eq(user)));
    }
    if let Some(key) = who.api_key.map(ApiKeyId::get) {
        any = any.add(of(BudgetScopeKind::ApiKey).add(Column::ApiKeyId.eq(key)));
    }
    let query = Entity::find().filter(Column::ProjectId.eq(who.project.get())).filter(any).order_by_asc(Column::Id);
    query.all(db).await.map_err(sort)?.into_iter().map(|row| matching(row, attempt.at)).collect()
}

fn matching(row: Model, at: Timestamp) -> Result<Matching, StoreError> {
    let unknown = |column: &str| broken(format!("budget {}: {column} holds something unknown", row.id));
    let period = Period::parse(&row.period).ok_or_else(|| unknown("period"))?;
    let mode = BudgetMode::parse(&row.mode).ok_or_else(|| unknown("mode"))?;
    let (start, end) = period.window(at);
    Ok(Matching { id: row.id, name: row.name, mode, start, end })
}

/// Takes the bound from each. Gives the counters that it was taken from.
pub(super) async fn take(db: &impl ConnectionTrait, attempt: &NewAttempt, budgets: &[Matching]) -> Result<Vec<i64>, CallError> {
    let mut counters = Vec::with_capacity(budgets.len());
    for budget in budgets {
        let taken = match draw(db, budget, bound(attempt)).await? {
            Some(counter) => Some(counter),
            // Refused, or the first attempt of its period.
            None => {
                open(db, budget).await?;
                draw(db, budget, bound(attempt)).await?
            }
        };
        counters.push(taken.ok_or_else(|| exhausted(budget, attempt.at))?);
    }
    Ok(counters)
}

/// What is reserved, within what the counters can count.
fn bound(attempt: &NewAttempt) -> i64 {
    attempt.reserved.get().clamp(0, HIGHEST_LIMIT)
}

/// The limit is read within the statement: a change of it holds for the next attempt.
const DRAW: &str = "UPDATE llm_budget_counters SET reserved_nano = reserved_nano + $1 \
    WHERE budget_id = $2 AND period_start = $3 \
    AND EXISTS (SELECT 1 FROM llm_budgets b WHERE b.id = $2 AND (b.mode = 'soft' OR b.limit_nano - spent_nano - reserved_nano >= $1)) \
    RETURNING id";

async fn draw(db: &impl ConnectionTrait, budget: &Matching, bound: i64) -> Result<Option<i64>, StoreError> {
    let values = [bound.into(), budget.id.into(), budget.start.into()];
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), DRAW, values)).await.map_err(sort)?;
    row.map(|row| row.try_get_by_index(0).map_err(sort)).transpose()
}

/// Makes the counter of a period, unless somebody else did.
async fn open(db: &impl ConnectionTrait, budget: &Matching) -> Result<(), StoreError> {
    let sql = "INSERT INTO llm_budget_counters (budget_id, period_start, spent_nano, reserved_nano) VALUES ($1, $2, 0, 0) \
        ON CONFLICT (budget_id, period_start) DO NOTHING";
    let values = [budget.id.into(), budget.start.into()];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.map_err(sort)?;
    Ok(())
}

fn exhausted(budget: &Matching, at: Timestamp) -> CallError {
    debug_assert_eq!(budget.mode, BudgetMode::Hard, "a soft budget refuses nothing");
    let seconds = |end: Timestamp| u64::try_from((end - at).num_seconds()).unwrap_or(0).max(1);
    CallError::BudgetExhausted { name: budget.name.clone(), resets_at: budget.end, retry_after: budget.end.map(seconds) }
}

/// What was taken for an attempt.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The counters of budgets.
    pub(super) counters: Vec<i64>,
    /// Tokens of its key's minute.
    pub(super) claimed_tokens: i64,
}

/// Writes the attempt's row.
pub(super) async fn write(db: &impl ConnectionTrait, attempt: &NewAttempt, taken: &Taken) -> Result<LlmAttemptId, StoreError> {
    let who = &attempt.attribution;
    let row = llm_attempt::ActiveModel {
        project_id: Set(who.project.get()),
        user_id: Set(who.user.map(UserId::get)),
        api_key_id: Set(who.api_key.map(ApiKeyId::get)),
        provider_id: Set(attempt.provider.get()),
        provider: Set(attempt.alias.clone()),
        model: Set(attempt.model.clone()),
        role: Set(who.role.clone()),
        cause: Set(who.cause.as_str().to_owned()),
        cause_id: Set(who.cause_id.clone()),
        number: Set(i32::try_from(attempt.number).unwrap_or(i32::MAX)),
        bound_input_tokens: Set(whole(attempt.bound.input_tokens)),
        bound_output_tokens: Set(whole(attempt.bound.output_tokens)),
        reserved_nano: Set(bound(attempt)),
        outcome: Set(Outcome::Open.as_str().to_owned()),
        counters: Set(json!(taken.counters)),
        claimed_tokens: Set(taken.claimed_tokens),
        started_at: Set(attempt.at),
        ..Default::default()
    };
    let inserted = llm_attempt::Entity::insert(row).exec(db).await.map_err(sort)?;
    Ok(LlmAttemptId::new(inserted.last_insert_id))
}

/// A count as the database holds it.
pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
