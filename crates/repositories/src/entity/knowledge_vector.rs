//! Rows of `knowledge_vectors`.

use sea_orm::entity::prelude::*;

/// The vector that one model made of one passage: f32, little endian.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_vectors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub chunk_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub model: String,
    pub project_id: i64,
    pub vector: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
