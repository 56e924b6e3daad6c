//! Expand: adds what API keys may use in a minute, and to the ledger what an attempt holds of that. The running binary does not know the
//! table and leaves the column at its default.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, index, key, moment, reference, unique};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(limits()).await?;
        // Enforces "a key has one row of limits in a project", which is what keeps concurrent calls from counting apart.
        unique(manager, "llm_key_limits", &["project_id", "api_key_id"]).await?;
        index(manager, "llm_key_limits", &["api_key_id"]).await?;
        let claimed = reference("claimed_tokens").default(0).take();
        manager.alter_table(Table::alter().table("llm_attempts").add_column(claimed).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("llm_attempts").drop_column("claimed_tokens").take()).await?;
        manager.drop_table(Table::drop().table("llm_key_limits").take()).await
    }
}

/// A limit, or none.
fn limit(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().check(Expr::col(name).gte(1)).take()
}

fn limits() -> TableCreateStatement {
    Table::create()
        .table("llm_key_limits")
        .col(key("id"))
        .col(reference("project_id"))
        .col(reference("api_key_id"))
        .col(limit("requests_per_minute"))
        .col(limit("tokens_per_minute"))
        // Moments in nanoseconds since 1970: finer than the databases' own agree on.
        .col(reference("requests_full_at").default(0).take())
        .col(reference("tokens_full_at").default(0).take())
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("llm_key_limits", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("llm_key_limits", "api_key_id", "api_keys", ForeignKeyAction::Cascade))
        .take()
}
