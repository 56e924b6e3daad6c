//! Rows of `knowledge_versions`.

use sea_orm::entity::prelude::*;

/// One content that a document has had.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_versions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub document_id: i64,
    pub project_id: i64,
    pub version: i32,
    pub content_hash: String,
    pub size: i64,
    pub media_type: String,
    pub origin: String,
    pub added_by: Option<i64>,
    pub commit_sha: Option<String>,
    pub created_at: DateTimeUtc,
    pub indexed_at: Option<DateTimeUtc>,
    pub chunk_count: Option<i64>,
    pub warnings: Json,
}

impl ActiveModelBehavior for ActiveModel {}
