//! Rows of `job_archive`.

use sea_orm::entity::prelude::*;

/// One archived job.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_archive")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub project_id: i64,
    pub parent_id: Option<i64>,
    pub kind: String,
    pub queue: String,
    pub status: String,
    pub priority: i32,
    pub progress: i32,
    pub attempt: i32,
    pub max_attempts: i32,
    pub parameters: Json,
    pub tags: Json,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub error_class: Option<String>,
    pub items_done: i32,
    pub items_failed: i32,
    pub items_total: Option<i32>,
    pub created_by: Option<i64>,
    pub request_id: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub completed_at: DateTimeUtc,
    pub archived_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
