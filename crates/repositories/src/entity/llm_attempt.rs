//! Rows of `llm_attempts`.

use sea_orm::entity::prelude::*;

/// One attempt at a model.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "llm_attempts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub user_id: Option<i64>,
    pub api_key_id: Option<i64>,
    pub provider_id: i64,
    pub provider: String,
    pub model: String,
    pub role: Option<String>,
    pub cause: String,
    pub cause_id: Option<String>,
    pub number: i32,
    pub bound_input_tokens: i64,
    pub bound_output_tokens: i64,
    pub input_tokens: i64,
    pub cached_tokens: i64,
    pub output_tokens: i64,
    pub estimated: bool,
    pub reserved_nano: i64,
    pub cost_nano: i64,
    pub outcome: String,
    pub failure: Option<String>,
    pub latency_ms: Option<i64>,
    pub first_token_ms: Option<i64>,
    pub counters: Json,
    pub claimed_tokens: i64,
    pub started_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
