//! Rows of `jobs`.

use sea_orm::entity::prelude::*;

/// One job.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub kind: String,
    pub queue: String,
    pub parameters: Json,
    pub tags: Json,
    pub priority: i32,
    pub status: String,
    pub progress: i32,
    pub current_step: Option<String>,
    pub items_done: i32,
    pub items_failed: i32,
    pub items_total: Option<i32>,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub error_class: Option<String>,
    pub fence: i64,
    pub attempt: i32,
    pub max_attempts: i32,
    pub cancel_requested: bool,
    pub unique_key: Option<String>,
    pub exclusive_key: Option<String>,
    pub key_limit: i32,
    pub key_slot: Option<i32>,
    pub parent_id: Option<i64>,
    pub open_children: i32,
    pub worker: Option<String>,
    pub lease_owner: Option<String>,
    pub lease_until: Option<DateTimeUtc>,
    pub created_by: Option<i64>,
    pub request_id: Option<String>,
    pub created_at: DateTimeUtc,
    pub run_at: Option<DateTimeUtc>,
    pub rank_at: Option<DateTimeUtc>,
    pub started_at: Option<DateTimeUtc>,
    pub attempt_started_at: Option<DateTimeUtc>,
    pub completed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
