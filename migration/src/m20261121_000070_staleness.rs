//! Expand: how far each document can be relied on, and when that was last judged. The running binary does not know the columns; what it writes
//! is judged by the next pass.

use sea_orm_migration::prelude::*;

use crate::column::{flag, index, number};

const COLUMNS: &[&str] = &["staleness", "is_stale", "stale_signs", "judged_at"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, number("staleness").default(0).take()).await?;
        add(manager, flag("is_stale", false)).await?;
        add(manager, ColumnDef::new("stale_signs").json_binary().not_null().default("[]").take()).await?;
        // Never judged is judged before everything: no NULL, which the two databases sort in different places.
        let long_ago = "1970-01-01T00:00:00+00:00";
        add(manager, ColumnDef::new("judged_at").timestamp_with_time_zone().not_null().default(long_ago).take()).await?;
        index(manager, "knowledge_documents", &["project_id", "staleness", "id"]).await?;
        index(manager, "knowledge_documents", &["project_id", "is_stale"]).await?;
        index(manager, "knowledge_documents", &["judged_at", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in ["project_id_staleness_id", "project_id_is_stale", "judged_at_id"] {
            let name = format!("idx_knowledge_documents_{columns}");
            manager.drop_index(Index::drop().name(name).table("knowledge_documents").to_owned()).await?;
        }
        for column in COLUMNS.iter().rev() {
            manager.alter_table(Table::alter().table("knowledge_documents").drop_column(*column).take()).await?;
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table("knowledge_documents").add_column(column).take()).await
}
