//! Expand: adds answers of language models that are kept. The running binary does not know the table.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, index, key, moment, reference, text, unique};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(answers()).await?;
        // Enforces "a question has one kept answer in a project".
        unique(manager, "llm_answers", &["project_id", "key"]).await?;
        index(manager, "llm_answers", &["project_id", "created_at"]).await?;
        index(manager, "llm_answers", &["expires_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("llm_answers").take()).await
    }
}

fn answers() -> TableCreateStatement {
    Table::create()
        .table("llm_answers")
        .col(key("id"))
        .col(reference("project_id"))
        // A hash of all that the answer depends on.
        .col(text("key"))
        .col(ColumnDef::new("answer").json_binary().not_null())
        .col(reference("bytes"))
        .col(moment("created_at"))
        .col(moment("expires_at"))
        .foreign_key(&mut belongs_to("llm_answers", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
