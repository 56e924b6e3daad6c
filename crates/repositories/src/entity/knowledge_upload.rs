//! Rows of `knowledge_uploads`.

use sea_orm::entity::prelude::*;

/// Bytes that wait to be read.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: i64,
    pub content_hash: String,
    pub title: Option<String>,
    pub bytes: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
