//! Rows of `schedules`.

use sea_orm::entity::prelude::*;

/// One schedule.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub name: String,
    pub description: Option<String>,
    pub task_type: String,
    pub task_parameters: Json,
    pub tags: Json,
    pub priority: i32,
    pub frequency: String,
    pub minute: Option<i32>,
    pub time_of_day: Option<String>,
    pub weekday: Option<String>,
    pub day_of_month: Option<i32>,
    pub interval_seconds: Option<i64>,
    pub cron_expression: Option<String>,
    pub timezone: String,
    pub start_time: Option<DateTimeUtc>,
    pub end_time: Option<DateTimeUtc>,
    pub jitter_seconds: i32,
    pub misfire_policy: String,
    pub catch_up_limit: i32,
    pub overlap_policy: String,
    pub max_consecutive_failures: Option<i32>,
    pub next_run_at: Option<DateTimeUtc>,
    pub disabled_reason: Option<String>,
    pub run_count: i64,
    pub success_count: i64,
    pub failure_count: i64,
    pub consecutive_failures: i32,
    pub last_run_at: Option<DateTimeUtc>,
    pub last_success_at: Option<DateTimeUtc>,
    pub last_failure_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub created_by: Option<i64>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
