//! Rows of `commits`.

use sea_orm::entity::prelude::*;

/// One commit of a tracked repository.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commits")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub repository_id: i64,
    pub sha: String,
    pub message: String,
    pub author_name: Option<String>,
    pub author_email: Option<String>,
    pub authored_at: Option<DateTimeUtc>,
    pub committed_at: DateTimeUtc,
    pub url: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
