//! Rows of `job_logs`.

use sea_orm::entity::prelude::*;

/// One line.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_logs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub job_id: i64,
    pub at: DateTimeUtc,
    pub level: String,
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}
