//! Expand: adds `job_archive`, where ended jobs go when their retention is over. The running binary does not know the table, and reads on
//! from `jobs`, out of which nothing is moved yet.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, index, moment, number, optional_moment, optional_number, optional_reference, optional_text, reference,
    text,
};

/// What `status` may say: only what has ended is archived.
const STATUS: &[&str] = &["completed", "failed", "cancelled", "dead"];

/// The parts of an archived batch; most jobs are part of nothing.
const CHILDREN: &str =
    "CREATE INDEX idx_job_archive_children ON job_archive (project_id, parent_id, completed_at, id) WHERE parent_id IS NOT NULL";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(archive()).await?;
        // The list, and each of its filters.
        index(manager, "job_archive", &["project_id", "completed_at", "id"]).await?;
        index(manager, "job_archive", &["project_id", "status", "completed_at", "id"]).await?;
        index(manager, "job_archive", &["project_id", "kind", "completed_at", "id"]).await?;
        by_backend(manager, CHILDREN, CHILDREN).await?;
        // What the archive itself has kept long enough.
        index(manager, "job_archive", &["archived_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("job_archive").take()).await
    }
}

fn archive() -> TableCreateStatement {
    Table::create()
        .table("job_archive")
        // The id that it had in `jobs`, given by no sequence of its own.
        .col(reference("id").primary_key().take())
        .col(reference("project_id"))
        // No foreign key: a batch and its parts come together, in no order of theirs, and may be forgotten apart.
        .col(optional_reference("parent_id"))
        .col(text("kind"))
        .col(text("queue"))
        .col(choice("status", STATUS))
        .col(number("priority"))
        .col(number("progress"))
        .col(number("attempt"))
        .col(number("max_attempts"))
        .col(ColumnDef::new("parameters").json_binary().not_null())
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(ColumnDef::new("result").json_binary().null())
        .col(optional_text("error"))
        .col(optional_text("error_class"))
        .col(number("items_done"))
        .col(number("items_failed"))
        .col(optional_number("items_total"))
        .col(optional_reference("created_by"))
        .col(optional_text("request_id"))
        .col(moment("created_at"))
        .col(optional_moment("started_at"))
        .col(moment("completed_at"))
        .col(moment("archived_at"))
        .foreign_key(&mut belongs_to("job_archive", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("job_archive", "created_by", "users", ForeignKeyAction::SetNull))
        .take()
}
