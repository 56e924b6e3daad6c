//! Rows of `idempotency_keys`.

use sea_orm::entity::prelude::*;

/// One row. Without a sealed record the attempt is being carried out.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub slot: String,
    pub user_id: i64,
    pub project_id: Option<i64>,
    pub sealed: Option<Vec<u8>>,
    pub renewed_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
