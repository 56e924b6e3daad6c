//! Rows of `knowledge_documents`, without the normalised text: only the statements that want it name it.

use sea_orm::entity::prelude::*;

/// One document.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_documents")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub origin: String,
    pub source_key: String,
    pub title: String,
    pub category: String,
    pub tags: Json,
    pub filename: String,
    pub content_type: String,
    pub size: i64,
    pub content_hash: String,
    pub indexed_hash: Option<String>,
    pub version: i32,
    pub status: String,
    pub error: Option<String>,
    pub chunk_count: i64,
    pub repository_id: Option<i64>,
    pub commit_sha: Option<String>,
    pub blob_sha: Option<String>,
    pub source_path: Option<String>,
    pub source_url: Option<String>,
    pub media_type: Option<String>,
    pub language: Option<String>,
    pub warnings: Json,
    pub technology_id: Option<i64>,
    pub title_is_given: bool,
    pub indexed_at: Option<DateTimeUtc>,
    pub staleness: i32,
    pub is_stale: bool,
    pub stale_signs: Json,
    pub judged_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
