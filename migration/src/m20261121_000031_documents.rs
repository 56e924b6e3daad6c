//! Expand: documents of further kinds, with language, warnings, technology and versions; uploads in parts. The running binary goes on: what it
//! does not know has defaults, and `content_type` stays within what it knows, since the newer kinds are in `media_type`. Of an upload past
//! the first part it would see that part only, and say that the file is damaged.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, flag, index, moment, number, optional_moment, optional_reference, optional_text, reference, text, unique,
};

const KINDS: &[&str] = &[
    "text/markdown",
    "text/html",
    "text/x-rst",
    "text/plain",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "application/json",
    "application/x-ipynb+json",
    "text/x-source-code",
];

/// The contents that documents have by now.
const BACKFILL: &str = "
INSERT INTO knowledge_versions (document_id, project_id, version, content_hash, size, media_type, origin, commit_sha, created_at, indexed_at, chunk_count, warnings)
SELECT id, project_id, version, content_hash, size, content_type, origin, commit_sha, updated_at,
       CASE WHEN indexed_hash = content_hash THEN updated_at END, CASE WHEN indexed_hash = content_hash THEN chunk_count END, '[]'
FROM knowledge_documents;
UPDATE knowledge_documents SET indexed_at = updated_at WHERE indexed_hash IS NOT NULL;";

/// A technology that goes takes no document with it. SQLite cannot drop a column with a foreign key; a trigger can be dropped.
const SQLITE_UNLINK: &str = "
CREATE TRIGGER knowledge_technology_deleted AFTER DELETE ON technologies BEGIN
  UPDATE knowledge_documents SET technology_id = NULL WHERE technology_id = old.id;
END;";
const POSTGRES_UNLINK: &str = "
ALTER TABLE knowledge_documents ADD CONSTRAINT fk_knowledge_documents_technology_id
  FOREIGN KEY (technology_id) REFERENCES technologies (id) ON DELETE SET NULL;";

/// Added columns in order.
const COLUMNS: &[&str] = &["media_type", "language", "warnings", "technology_id", "title_is_given", "indexed_at"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kinds = Expr::col("media_type").is_in(KINDS.iter().copied());
        add(manager, "knowledge_documents", optional_text("media_type").check(kinds).take()).await?;
        add(manager, "knowledge_documents", optional_text("language")).await?;
        add(manager, "knowledge_documents", ColumnDef::new("warnings").json_binary().not_null().default("[]").take()).await?;
        add(manager, "knowledge_documents", optional_reference("technology_id")).await?;
        add(manager, "knowledge_documents", flag("title_is_given", false)).await?;
        add(manager, "knowledge_documents", optional_moment("indexed_at")).await?;
        add(manager, "knowledge_chunks", optional_text("text_hash")).await?;
        by_backend(manager, SQLITE_UNLINK, POSTGRES_UNLINK).await?;
        index(manager, "knowledge_documents", &["project_id", "technology_id"]).await?;
        index(manager, "knowledge_documents", &["technology_id"]).await?;
        index(manager, "knowledge_documents", &["project_id", "language"]).await?;
        manager.create_table(versions()).await?;
        unique(manager, "knowledge_versions", &["document_id", "version"]).await?;
        manager.create_table(parts()).await?;
        by_backend(manager, BACKFILL, BACKFILL).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["knowledge_upload_parts", "knowledge_versions"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for columns in ["project_id_technology_id", "technology_id", "project_id_language"] {
            let name = format!("idx_knowledge_documents_{columns}");
            manager.drop_index(Index::drop().name(name).table("knowledge_documents").to_owned()).await?;
        }
        by_backend(
            manager,
            "DROP TRIGGER knowledge_technology_deleted",
            "ALTER TABLE knowledge_documents DROP CONSTRAINT fk_knowledge_documents_technology_id",
        )
        .await?;
        manager.alter_table(Table::alter().table("knowledge_chunks").drop_column("text_hash").take()).await?;
        for column in COLUMNS.iter().rev() {
            manager.alter_table(Table::alter().table("knowledge_documents").drop_column(*column).take()).await?;
        }
        Ok(())
    }
}

/// One column at a time: SQLite adds no two at once.
async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

fn versions() -> TableCreateStatement {
    Table::create()
        .table("knowledge_versions")
        .col(crate::column::key("id"))
        .col(reference("document_id"))
        .col(reference("project_id"))
        .col(number("version"))
        .col(text("content_hash"))
        .col(reference("size"))
        .col(text("media_type").check(Expr::col("media_type").is_in(KINDS.iter().copied())).take())
        // No CHECK: the document's own keeps it to what there is.
        .col(text("origin"))
        // No foreign key: who is gone has still brought it.
        .col(optional_reference("added_by"))
        .col(optional_text("commit_sha"))
        .col(moment("created_at"))
        .col(optional_moment("indexed_at"))
        .col(optional_reference("chunk_count"))
        .col(ColumnDef::new("warnings").json_binary().not_null())
        .foreign_key(&mut belongs_to("knowledge_versions", "document_id", "knowledge_documents", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("knowledge_versions", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// What an upload has beyond its first part, which stays where it was.
fn parts() -> TableCreateStatement {
    Table::create()
        .table("knowledge_upload_parts")
        .col(reference("document_id"))
        .col(number("number"))
        .col(ColumnDef::new("bytes").blob().not_null())
        .primary_key(Index::create().col("document_id").col("number"))
        .foreign_key(
            &mut ForeignKey::create()
                .name("fk_knowledge_upload_parts_document_id")
                .from("knowledge_upload_parts", "document_id")
                .to("knowledge_uploads", "document_id")
                .on_delete(ForeignKeyAction::Cascade)
                .take(),
        )
        .take()
}
