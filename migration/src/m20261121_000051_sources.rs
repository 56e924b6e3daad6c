//! Expand: adds sources of documents with their items, runs and errors, and lets a document come from one. The running binary does not know
//! the tables, and refuses no document that it wrote itself.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, flag, index, key, moment, number, optional_moment, optional_reference, optional_text, reference, text,
    unique,
};

const STATUSES: &[&str] = &["pending", "running", "success", "error"];
const STATES: &[&str] = &["found", "seen", "duplicate", "gone", "failed", "skipped"];
const RUNS: &[&str] = &["running", "completed", "failed", "cancelled"];
const COUNTERS: &[&str] = &["added", "updated", "unchanged", "gone", "failed", "skipped"];

/// SQLite cannot change a constraint; its manual's way for one that no stored row can break is to write the text of the table. The index
/// after it makes every open connection read the text again.
const SQLITE_ORIGIN: &str = "
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, '''upload'', ''repository''', '''upload'', ''repository'', ''source''')
  WHERE type = 'table' AND name = 'knowledge_documents';
PRAGMA writable_schema = RESET;
CREATE INDEX idx_source_items_document_id ON source_items (document_id);";

const POSTGRES_ORIGIN: &str = "
ALTER TABLE knowledge_documents DROP CONSTRAINT IF EXISTS knowledge_documents_origin_check;
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_origin_check CHECK (origin IN ('upload', 'repository', 'source'));
CREATE INDEX idx_source_items_document_id ON source_items (document_id);";

/// The first statement makes the connection read the schema again, should another one have changed it: a deletion whose triggers lead to a
/// table of FTS5 that this connection has not opened yet would fail on the old one.
const SQLITE_ORIGIN_DOWN: &str = "
SELECT count(*) FROM sqlite_master;
DELETE FROM knowledge_documents WHERE origin = 'source';
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, '''upload'', ''repository'', ''source''', '''upload'', ''repository''')
  WHERE type = 'table' AND name = 'knowledge_documents';
PRAGMA writable_schema = RESET;
DROP INDEX idx_source_items_document_id;";

const POSTGRES_ORIGIN_DOWN: &str = "
DELETE FROM knowledge_documents WHERE origin = 'source';
ALTER TABLE knowledge_documents DROP CONSTRAINT IF EXISTS knowledge_documents_origin_check;
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_origin_check CHECK (origin IN ('upload', 'repository'));
DROP INDEX idx_source_items_document_id;";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sources()).await?;
        // Enforces "a name is used once in a project".
        unique(manager, "sources", &["project_id", "name"]).await?;
        for column in ["priority", "created_at", "last_run_at", "kind"] {
            index(manager, "sources", &["project_id", column, "id"]).await?;
        }
        index(manager, "sources", &["schedule_id"]).await?;
        manager.create_table(runs()).await?;
        // Enforces "a job has one run, however often it is tried".
        unique(manager, "source_runs", &["source_id", "job_id"]).await?;
        index(manager, "source_runs", &["source_id", "id"]).await?;
        index(manager, "source_runs", &["project_id"]).await?;
        manager.create_table(items()).await?;
        unique(manager, "source_items", &["source_id", "key"]).await?;
        index(manager, "source_items", &["source_id", "state", "key"]).await?;
        index(manager, "source_items", &["project_id"]).await?;
        manager.create_table(errors()).await?;
        index(manager, "source_errors", &["run_id", "id"]).await?;
        index(manager, "source_errors", &["project_id"]).await?;
        by_backend(manager, SQLITE_ORIGIN, POSTGRES_ORIGIN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(manager, SQLITE_ORIGIN_DOWN, POSTGRES_ORIGIN_DOWN).await?;
        for table in ["source_errors", "source_items", "source_runs", "sources"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn sources() -> TableCreateStatement {
    Table::create()
        .table("sources")
        .col(key("id"))
        .col(reference("project_id"))
        .col(text("name"))
        // Not a CHECK list: kinds are append only and come with code, not with migrations.
        .col(text("kind"))
        .col(optional_text("url"))
        .col(optional_text("path"))
        .col(ColumnDef::new("config").json_binary().not_null())
        // Sealed.
        .col(ColumnDef::new("secret").blob().null())
        .col(number("priority").default(5).check(Expr::col("priority").between(1, 10)).take())
        .col(flag("is_enabled", true))
        .col(optional_reference("schedule_id"))
        .col(choice("status", STATUSES))
        .col(optional_moment("last_run_at"))
        .col(optional_moment("last_success_at"))
        .col(optional_text("last_error"))
        // Of the last answer about the whole.
        .col(optional_text("etag"))
        .col(optional_text("last_modified"))
        .col(reference("version").default(1).take())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("sources", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("sources", "schedule_id", "schedules", ForeignKeyAction::SetNull))
        .take()
}

fn runs() -> TableCreateStatement {
    let mut table = Table::create()
        .table("source_runs")
        .col(key("id"))
        .col(reference("source_id"))
        .col(reference("project_id"))
        // No foreign key: the history of runs outlives their jobs, and ids of jobs are never used again.
        .col(reference("job_id"))
        .col(choice("status", RUNS))
        .col(optional_text("error"))
        .col(ColumnDef::new("notes").json_binary().not_null())
        .col(moment("started_at"))
        .col(optional_moment("finished_at"))
        .foreign_key(&mut belongs_to("source_runs", "source_id", "sources", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("source_runs", "project_id", "projects", ForeignKeyAction::Cascade))
        .take();
    for counter in COUNTERS {
        table.col(number(*counter).default(0).take());
    }
    table
}

fn items() -> TableCreateStatement {
    Table::create()
        .table("source_items")
        .col(key("id"))
        .col(reference("source_id"))
        .col(reference("project_id"))
        .col(text("key"))
        .col(choice("state", STATES))
        .col(optional_text("reason"))
        .col(number("depth").default(0).take())
        .col(optional_text("content_hash"))
        .col(optional_text("etag"))
        .col(optional_text("last_modified"))
        .col(optional_reference("document_id"))
        .col(optional_reference("settled_by"))
        .col(moment("first_seen_at"))
        .col(optional_moment("last_seen_at"))
        .foreign_key(&mut belongs_to("source_items", "source_id", "sources", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("source_items", "project_id", "projects", ForeignKeyAction::Cascade))
        // A document that a person deletes leaves its item: the next run brings it back.
        .foreign_key(&mut belongs_to("source_items", "document_id", "knowledge_documents", ForeignKeyAction::SetNull))
        .take()
}

fn errors() -> TableCreateStatement {
    Table::create()
        .table("source_errors")
        .col(key("id"))
        .col(reference("run_id"))
        .col(reference("project_id"))
        .col(text("key"))
        .col(text("reason"))
        .col(moment("at"))
        .foreign_key(&mut belongs_to("source_errors", "run_id", "source_runs", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("source_errors", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
