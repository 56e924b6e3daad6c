//! Rows of `technology_repositories`.

use sea_orm::entity::prelude::*;

/// One link between a technology and a repository.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "technology_repositories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub technology_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub repository_id: i64,
    pub project_id: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
