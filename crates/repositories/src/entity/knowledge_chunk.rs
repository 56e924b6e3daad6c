//! Rows of `knowledge_chunks`.

use sea_orm::entity::prelude::*;

/// One passage.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_chunks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub document_id: i64,
    pub project_id: i64,
    pub ordinal: i32,
    pub title: String,
    pub content: String,
    pub heading_path: String,
    pub span_start: i64,
    pub span_end: i64,
    pub token_count: i32,
    pub text_hash: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
