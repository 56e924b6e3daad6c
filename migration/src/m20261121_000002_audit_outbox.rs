//! Expand: adds `audit_entries` and `outbox_events`. Neither references other tables: what happened outlives what it happened to.

use sea_orm_migration::prelude::*;

use crate::column::{by_backend, index, key, moment, optional_moment, optional_reference, optional_text, reference, text};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit = Table::create()
            .table("audit_entries")
            .col(key("id"))
            .col(optional_reference("project_id"))
            .col(text("actor"))
            .col(text("action"))
            .col(text("entity"))
            .col(reference("entity_id"))
            .col(ColumnDef::new("detail").json_binary().not_null())
            .col(moment("created_at"))
            .take();
        manager.create_table(audit).await?;
        index(manager, "audit_entries", &["project_id", "id"]).await?;
        let outbox = Table::create()
            .table("outbox_events")
            .col(key("id"))
            .col(reference("project_id"))
            .col(text("kind"))
            .col(text("actor"))
            .col(ColumnDef::new("data").json_binary().not_null())
            .col(optional_text("request_id"))
            .col(moment("occurred_at"))
            .col(optional_moment("published_at"))
            .take();
        manager.create_table(outbox).await?;
        // The relay asks only for what it has not published: the index holds just those rows.
        let pending = "CREATE INDEX idx_outbox_events_pending ON outbox_events (id) WHERE published_at IS NULL";
        by_backend(manager, pending, pending).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("outbox_events").take()).await?;
        manager.drop_table(Table::drop().table("audit_entries").take()).await
    }
}
