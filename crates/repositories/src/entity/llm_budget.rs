//! Rows of `llm_budgets`.

use sea_orm::entity::prelude::*;

/// One budget.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "llm_budgets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub name: String,
    pub scope: String,
    pub user_id: Option<i64>,
    pub api_key_id: Option<i64>,
    pub cause: Option<String>,
    pub period: String,
    pub limit_nano: i64,
    pub mode: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
