//! Rows of `outbox_events`.

use sea_orm::entity::prelude::*;

/// One event waiting to be relayed, or relayed already.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub kind: String,
    pub actor: String,
    pub data: Json,
    pub request_id: Option<String>,
    pub occurred_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub position: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
