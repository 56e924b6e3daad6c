//! Rows of `llm_prices`.

use sea_orm::entity::prelude::*;

/// One row of the book of prices.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "llm_prices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub provider_id: i64,
    pub model: String,
    pub input_nano_per_million: i64,
    pub cached_nano_per_million: Option<i64>,
    pub output_nano_per_million: i64,
    pub currency: String,
    pub source: String,
    pub valid_from: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
