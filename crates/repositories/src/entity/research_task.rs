//! Rows of `research_tasks`. The full-text column is PostgreSQL's own and is never read.

use sea_orm::entity::prelude::*;

/// One research task.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "research_tasks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub technology_id: Option<i64>,
    pub repository_id: Option<i64>,
    pub title: String,
    pub description: Option<String>,
    pub status: String,
    pub task_type: String,
    pub user_notes: Option<String>,
    pub findings: Option<String>,
    pub assigned_to: Option<String>,
    pub due_date: Option<DateTimeUtc>,
    pub completed_at: Option<DateTimeUtc>,
    pub progress_percentage: i32,
    pub estimated_hours: Option<i32>,
    pub actual_hours: Option<i32>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
