//! Rows of `llm_budget_counters`.

use sea_orm::entity::prelude::*;

/// What counts against a budget in one period.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "llm_budget_counters")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub budget_id: i64,
    pub period_start: DateTimeUtc,
    pub spent_nano: i64,
    pub reserved_nano: i64,
    pub warned_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
