//! Rows of `source_runs`.

use sea_orm::entity::prelude::*;

/// One run of a source.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source_id: i64,
    pub project_id: i64,
    pub job_id: i64,
    pub status: String,
    pub error: Option<String>,
    pub notes: Json,
    pub added: i32,
    pub updated: i32,
    pub unchanged: i32,
    pub gone: i32,
    pub failed: i32,
    pub skipped: i32,
    pub started_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
