//! What is shown of the ledger, budgets and prices. Money is in nano-dollars.

use chrono::{DateTime, Utc};
use commandcenter_domain::llm::{
    Budget, BudgetMode, BudgetScope, BudgetScopeKind, CURRENCY, Cause, FailureKind, GroupBy, LedgerRow, Outcome, Period, Price, PriceRow,
    UsageSum,
};
use commandcenter_domain::shared::{ApiKeyId, BudgetId, LlmAttemptId, PriceId, ProviderId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// One attempt at a model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsageView {
    #[schema(value_type = i64)]
    id: LlmAttemptId,
    /// The provider's alias.
    provider: String,
    #[schema(value_type = i64)]
    provider_id: ProviderId,
    model: String,
    /// The account behind it.
    #[schema(value_type = Option<i64>)]
    user_id: Option<UserId>,
    /// The key it came with.
    #[schema(value_type = Option<i64>)]
    api_key_id: Option<ApiKeyId>,
    role: Option<String>,
    /// `api`, `ask`, `job`, `debate`, `research_task`, `prompt`, `embedding` or `connection_test`.
    #[schema(value_type = String, example = "api")]
    cause: Cause,
    cause_id: Option<String>,
    /// Which attempt of its call, from 1.
    attempt: u32,
    /// Tokens sent, those from the provider's cache among them.
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    /// Whether the gateway counted the tokens because the provider said nothing.
    estimated: bool,
    /// What it cost, in nano-dollars; 0 while it is open.
    cost_nano: i64,
    /// The most that it could cost.
    reserved_nano: i64,
    /// `open`, `complete`, `incomplete`, `failed`, `cancelled`, `cached` or `lost`.
    #[schema(value_type = String, example = "complete")]
    outcome: Outcome,
    /// Why it did not end well.
    #[schema(value_type = Option<String>)]
    failure: Option<FailureKind>,
    latency_ms: Option<u64>,
    first_token_ms: Option<u64>,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<LedgerRow> for UsageView {
    fn from(row: LedgerRow) -> Self {
        let LedgerRow { id, provider_id, provider, model, user, api_key, role, cause, cause_id, number, input_tokens, .. } = row;
        let LedgerRow { cached_tokens, output_tokens, estimated, cost, reserved, outcome, failure, latency_ms, .. } = row;
        let LedgerRow { first_token_ms, started_at, ended_at, .. } = row;
        Self {
            id,
            provider,
            provider_id,
            model,
            user_id: user,
            api_key_id: api_key,
            role,
            cause,
            cause_id,
            attempt: number,
            input_tokens,
            cached_tokens,
            output_tokens,
            estimated,
            cost_nano: cost.get(),
            reserved_nano: reserved.get(),
            outcome,
            failure,
            latency_ms,
            first_token_ms,
            started_at,
            ended_at,
        }
    }
}

/// The sum of rows that have something in common.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SumView {
    /// What they are summed by.
    #[schema(value_type = String, example = "model")]
    group_by: GroupBy,
    /// What they have in common, as text; null for rows without it.
    #[schema(example = "gpt-4o-mini")]
    key: Option<String>,
    attempts: u64,
    /// How many of them gave no whole answer.
    unsuccessful: u64,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    /// How many rows hold tokens that the gateway counted.
    estimated: u64,
    cost_nano: i64,
}

impl SumView {
    /// A sum with what it is one by.
    pub(super) fn of(group_by: GroupBy, sum: UsageSum) -> Self {
        let UsageSum { key, attempts, unsuccessful, input_tokens, cached_tokens, output_tokens, estimated, cost } = sum;
        Self { group_by, key, attempts, unsuccessful, input_tokens, cached_tokens, output_tokens, estimated, cost_nano: cost.get() }
    }
}

/// A budget, with what counts against it in its present period.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetView {
    #[schema(value_type = i64)]
    pub(super) id: BudgetId,
    name: String,
    /// `project`, `user`, `api_key` or `cause`.
    #[schema(value_type = String, example = "project")]
    scope: BudgetScopeKind,
    #[schema(value_type = Option<i64>)]
    user_id: Option<UserId>,
    #[schema(value_type = Option<i64>)]
    api_key_id: Option<ApiKeyId>,
    #[schema(value_type = Option<String>)]
    cause: Option<Cause>,
    /// `day`, `month` or `total`, in UTC.
    #[schema(value_type = String, example = "month")]
    period: Period,
    limit_nano: i64,
    /// `hard` or `soft`.
    #[schema(value_type = String, example = "hard")]
    mode: BudgetMode,
    /// What ended attempts cost.
    spent_nano: i64,
    /// What attempts under way can cost at most.
    reserved_nano: i64,
    /// When the present period began; null for a total.
    period_start: Option<DateTime<Utc>>,
    /// When it starts again; null for a total.
    resets_at: Option<DateTime<Utc>>,
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Budget> for BudgetView {
    fn from(budget: Budget) -> Self {
        let Budget { id, name, scope, period, limit, mode, spent, reserved, period_start, resets_at, version, created_at, updated_at } =
            budget;
        let (user_id, api_key_id, cause) = match scope {
            BudgetScope::Project => (None, None, None),
            BudgetScope::User(id) => (Some(id), None, None),
            BudgetScope::ApiKey(id) => (None, Some(id), None),
            BudgetScope::Cause(cause) => (None, None, Some(cause)),
        };
        Self {
            id,
            name,
            scope: scope.kind(),
            user_id,
            api_key_id,
            cause,
            period,
            limit_nano: limit.get(),
            mode,
            spent_nano: spent.get(),
            reserved_nano: reserved.get(),
            period_start,
            resets_at,
            version,
            created_at,
            updated_at,
        }
    }
}

/// What a model costs, from when on, and who says so.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PriceView {
    #[schema(value_type = i64)]
    id: PriceId,
    /// The provider's alias.
    provider: String,
    #[schema(value_type = i64)]
    provider_id: ProviderId,
    model: String,
    input_nano_per_million: i64,
    cached_nano_per_million: Option<i64>,
    output_nano_per_million: i64,
    /// `USD`.
    currency: &'static str,
    /// Who says so.
    source: String,
    valid_from: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl From<PriceRow> for PriceView {
    fn from(row: PriceRow) -> Self {
        let PriceRow { id, provider, alias, model, price, source, valid_from, created_at } = row;
        let Price { input_nano_per_million, cached_nano_per_million, output_nano_per_million } = price;
        Self {
            id,
            provider: alias,
            provider_id: provider,
            model,
            input_nano_per_million,
            cached_nano_per_million,
            output_nano_per_million,
            currency: CURRENCY,
            source,
            valid_from,
            created_at,
        }
    }
}
