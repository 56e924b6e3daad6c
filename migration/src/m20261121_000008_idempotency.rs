//! Expand: adds attempts that may be repeated, with their sealed answers. The running binary does not know the table.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, index, key, moment, optional_reference, reference, text, unique};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(attempts()).await?;
        // Enforces "of requests with one key at once, one is carried out".
        unique(manager, "idempotency_keys", &["slot"]).await?;
        index(manager, "idempotency_keys", &["expires_at"]).await?;
        // For the deletion of accounts and projects.
        index(manager, "idempotency_keys", &["user_id"]).await?;
        index(manager, "idempotency_keys", &["project_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("idempotency_keys").take()).await
    }
}

/// `slot` is a digest of owner, project, method, path and key: of fixed length, whatever the path, and silent about the key.
fn attempts() -> TableCreateStatement {
    Table::create()
        .table("idempotency_keys")
        .col(key("id"))
        .col(text("slot"))
        .col(reference("user_id"))
        .col(optional_reference("project_id"))
        .col(ColumnDef::new("sealed").binary().null())
        .col(moment("renewed_at"))
        .col(moment("created_at"))
        .col(moment("expires_at"))
        .foreign_key(&mut belongs_to("idempotency_keys", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("idempotency_keys", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
