//! Rows of `knowledge_embeddings`.

use sea_orm::entity::prelude::*;

/// Which model answers in a project, and which is to come.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_embeddings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: i64,
    pub serving: Json,
    pub next: Option<Json>,
    pub job_id: Option<i64>,
    pub version: i64,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
