//! Rows of `repositories`.

use sea_orm::entity::prelude::*;

/// One tracked repository.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "repositories")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub owner: String,
    pub name: String,
    pub full_name: String,
    pub description: Option<String>,
    #[sea_orm(column_type = "VarBinary(StringLen::N(4096))", nullable)]
    pub access_token: Option<Vec<u8>>,
    pub is_private: bool,
    pub github_id: Option<i64>,
    pub url: Option<String>,
    pub clone_url: Option<String>,
    pub default_branch: Option<String>,
    pub last_commit_sha: Option<String>,
    pub last_commit_message: Option<String>,
    pub last_commit_author: Option<String>,
    pub last_commit_date: Option<DateTimeUtc>,
    pub last_synced_at: Option<DateTimeUtc>,
    pub sync_status: String,
    pub sync_error: Option<String>,
    pub sync_cursor: Option<String>,
    pub sync_etag: Option<String>,
    pub stars: i32,
    pub forks: i32,
    pub language: Option<String>,
    pub metadata: Option<Json>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
