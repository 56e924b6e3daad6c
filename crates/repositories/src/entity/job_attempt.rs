//! Rows of `job_attempts`.

use sea_orm::entity::prelude::*;

/// One ended attempt.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_attempts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub job_id: i64,
    pub project_id: i64,
    pub fence: i64,
    pub number: i32,
    pub queue: String,
    pub worker: String,
    pub started_at: DateTimeUtc,
    pub ended_at: DateTimeUtc,
    pub outcome: String,
    pub error: Option<String>,
    pub error_class: Option<String>,
    pub wait_ms: Option<i64>,
    pub run_ms: i64,
}

impl ActiveModelBehavior for ActiveModel {}
