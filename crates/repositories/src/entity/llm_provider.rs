//! Rows of `llm_providers`.

use sea_orm::entity::prelude::*;

/// One provider of models.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "llm_providers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: Option<i64>,
    pub alias: String,
    pub dialect: String,
    pub base_url: String,
    pub api_key: Option<Vec<u8>>,
    pub key_hint: Option<String>,
    pub models: Json,
    pub origin: String,
    pub is_enabled: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
