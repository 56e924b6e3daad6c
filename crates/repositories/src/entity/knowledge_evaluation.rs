//! Rows of `knowledge_evaluations`.

use sea_orm::entity::prelude::*;

/// One evaluation that was run.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge_evaluations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub name: String,
    pub mode: String,
    pub depth: i32,
    pub ndcg: f64,
    pub recall: f64,
    pub mrr: f64,
    pub queries: Json,
    pub before_id: Option<i64>,
    pub before: Option<Json>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
