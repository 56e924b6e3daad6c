//! Expand: adds what people's own questions came to. The running binary does not know the table.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, choice, index, key, moment, number, optional_reference, reference, text};

const MODES: &[&str] = &["hybrid", "keyword", "vector"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let measure = |name: &'static str| ColumnDef::new(name).double().not_null().take();
        let table = Table::create()
            .table("knowledge_evaluations")
            .col(key("id"))
            .col(reference("project_id"))
            .col(text("name"))
            .col(choice("mode", MODES))
            .col(number("depth"))
            .col(measure("ndcg"))
            .col(measure("recall"))
            .col(measure("mrr"))
            // Question by question.
            .col(ColumnDef::new("queries").json_binary().not_null())
            // The run it is compared with, and that run's measures, which stay when it goes.
            .col(optional_reference("before_id"))
            .col(ColumnDef::new("before").json_binary().null())
            .col(moment("created_at"))
            .foreign_key(&mut belongs_to("knowledge_evaluations", "project_id", "projects", ForeignKeyAction::Cascade))
            .take();
        manager.create_table(table).await?;
        index(manager, "knowledge_evaluations", &["project_id", "name", "id"]).await?;
        index(manager, "knowledge_evaluations", &["project_id", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("knowledge_evaluations").take()).await
    }
}
