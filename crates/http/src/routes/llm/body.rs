//! What clients send of budgets and prices.

use commandcenter_domain::Patch;
use commandcenter_domain::llm::{BudgetInput, PriceInput};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// A budget to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "the team's month", "scope": "project", "period": "month", "limit_nano": 50_000_000_000_i64, "mode": "hard"}))]
pub(super) struct CreateBudget {
    /// 1 to 100 characters, once in a project.
    name: String,
    /// What counts against it: `project`, `user`, `api_key` or `cause`.
    scope: Option<String>,
    /// Whose spending, for the scope `user`.
    user_id: Option<i64>,
    /// Which key's, for the scope `api_key`.
    api_key_id: Option<i64>,
    /// Which cause's, for the scope `cause`: `api`, `ask`, `job`, `debate`, `research_task`, `prompt`, `embedding` or `connection_test`.
    cause: Option<String>,
    /// `day`, `month` or `total`. Days and months begin at midnight in UTC.
    period: Option<String>,
    /// How much may be spent, in nano-dollars: 1,000,000,000 are one dollar.
    #[schema(minimum = 0)]
    limit_nano: Option<i64>,
    /// `hard` (default): calls that could go beyond it are refused. `soft`: an event tells of it.
    mode: Option<String>,
}

impl From<CreateBudget> for BudgetInput {
    fn from(body: CreateBudget) -> Self {
        let CreateBudget { name, scope, user_id, api_key_id, cause, period, limit_nano, mode } = body;
        Self {
            name: Patch::Set(name),
            scope,
            user_id,
            api_key_id,
            cause,
            period,
            limit_nano: limit_nano.map_or(Patch::Keep, Patch::Set),
            mode: mode.map_or(Patch::Keep, Patch::Set),
        }
    }
}

/// What of a budget changes. A field left out stays. Its scope and period stay: make another budget for others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"limit_nano": 75_000_000_000_i64}))]
pub(super) struct UpdateBudget {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<i64>)]
    limit_nano: Option<Option<i64>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    mode: Option<Option<String>>,
}

impl From<UpdateBudget> for BudgetInput {
    fn from(body: UpdateBudget) -> Self {
        let UpdateBudget { name, limit_nano, mode } = body;
        Self {
            name: Patch::from_double(name),
            limit_nano: Patch::from_double(limit_nano),
            mode: Patch::from_double(mode),
            ..Self::default()
        }
    }
}

/// A price to write down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "openai", "model": "gpt-4o-mini", "input_nano_per_million": 150_000_000, "output_nano_per_million": 600_000_000,
    "source": "https://openai.com/api/pricing", "valid_from": "2027-01-01T00:00:00Z"}))]
pub(super) struct CreatePrice {
    /// The alias of a provider of one's own.
    provider: String,
    /// One of its models.
    model: String,
    /// What a million tokens sent cost, in nano-dollars.
    #[schema(minimum = 0)]
    input_nano_per_million: Option<i64>,
    /// What a million tokens cost that the provider had in its cache; as fresh ones if left out.
    #[schema(minimum = 0)]
    cached_nano_per_million: Option<i64>,
    /// What a million tokens answered cost.
    #[schema(minimum = 0)]
    output_nano_per_million: Option<i64>,
    /// `USD`, which is the only one.
    currency: Option<String>,
    /// Who says so; `settings` if left out.
    source: Option<String>,
    /// From when on; at once if left out, never in the past.
    valid_from: Option<String>,
}

impl From<CreatePrice> for PriceInput {
    fn from(body: CreatePrice) -> Self {
        let CreatePrice { provider, model, input_nano_per_million, cached_nano_per_million, output_nano_per_million, .. } = body;
        let CreatePrice { currency, source, valid_from, .. } = body;
        Self { provider, model, input_nano_per_million, cached_nano_per_million, output_nano_per_million, currency, source, valid_from }
    }
}

/// Which rows of the book of prices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListPrices {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// Of the provider of this alias.
    pub(super) provider: Option<String>,
    /// Of this model.
    pub(super) model: Option<String>,
}
