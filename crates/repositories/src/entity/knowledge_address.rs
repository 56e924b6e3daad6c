//! Rows of `knowledge_addresses`.

use sea_orm::entity::prelude::*;

/// What is known of the page that a document is.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_addresses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: i64,
    pub project_id: i64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub fetched_at: Option<DateTimeUtc>,
    pub failing_since: Option<DateTimeUtc>,
    pub is_gone: bool,
}

impl ActiveModelBehavior for ActiveModel {}
