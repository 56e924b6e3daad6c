//! Rows of `schedule_runs`.

use sea_orm::entity::prelude::*;

/// One fire of a schedule.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub schedule_id: i64,
    pub project_id: i64,
    pub fire_at: DateTimeUtc,
    pub trigger_kind: String,
    pub outcome: String,
    pub job_id: Option<i64>,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
