//! Rows of `source_items`.

use sea_orm::entity::prelude::*;

/// One page, entry, file or story of a source.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source_id: i64,
    pub project_id: i64,
    pub key: String,
    pub state: String,
    pub reason: Option<String>,
    pub depth: i32,
    pub content_hash: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub document_id: Option<i64>,
    pub settled_by: Option<i64>,
    pub first_seen_at: DateTimeUtc,
    pub last_seen_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
