//! Expand: adds the knowledge base: documents, their passages with a word index, vectors, waiting uploads and a revision per project. The
//! running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, index, key, moment, number, optional_reference, optional_text, reference, text, unique,
};

const ORIGINS: &[&str] = &["upload", "repository"];
const STATUSES: &[&str] = &["pending", "indexing", "indexed", "failed"];
const KINDS: &[&str] = &["text/markdown", "text/html", "text/x-rst", "text/plain"];

/// The word index of SQLite: without content of its own, kept in step by triggers, so that no way of deleting a passage leaves its words.
/// `scope` holds the project: a search meets no other project's words.
const SQLITE_INDEX: &str = "
CREATE VIRTUAL TABLE knowledge_words USING fts5(scope, title, headings, content, content='', contentless_delete=1, tokenize='porter unicode61');
CREATE TRIGGER knowledge_chunks_inserted AFTER INSERT ON knowledge_chunks BEGIN
  INSERT INTO knowledge_words (rowid, scope, title, headings, content) VALUES (new.id, 'p' || new.project_id, new.title, new.heading_path, new.content);
END;
CREATE TRIGGER knowledge_chunks_deleted AFTER DELETE ON knowledge_chunks BEGIN
  DELETE FROM knowledge_words WHERE rowid = old.id;
END;
CREATE TRIGGER knowledge_chunks_renamed AFTER UPDATE OF title ON knowledge_chunks BEGIN
  DELETE FROM knowledge_words WHERE rowid = old.id;
  INSERT INTO knowledge_words (rowid, scope, title, headings, content) VALUES (new.id, 'p' || new.project_id, new.title, new.heading_path, new.content);
END;
CREATE TRIGGER knowledge_documents_deleted AFTER DELETE ON knowledge_documents BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1 WHERE project_id = old.project_id;
END;";

/// The word index of PostgreSQL. Punctuation becomes blanks first: its parser would take `asyncio.gather` for the name of a host.
const POSTGRES_INDEX: &str = "
ALTER TABLE knowledge_chunks ADD COLUMN words tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('english'::regconfig, regexp_replace(title, '[^[:alnum:]]+', ' ', 'g')), 'A') ||
  setweight(to_tsvector('english'::regconfig, regexp_replace(heading_path, '[^[:alnum:]]+', ' ', 'g')), 'B') ||
  setweight(to_tsvector('english'::regconfig, regexp_replace(content, '[^[:alnum:]]+', ' ', 'g')), 'D')) STORED;
CREATE INDEX idx_knowledge_chunks_words ON knowledge_chunks USING gin (words);
CREATE FUNCTION knowledge_document_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1 WHERE project_id = old.project_id;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_documents_deleted AFTER DELETE ON knowledge_documents FOR EACH ROW EXECUTE FUNCTION knowledge_document_deleted();";

/// Triggers first: dropping a table empties it, and they name tables that may be gone by then.
const SQLITE_INDEX_DOWN: &str = "
DROP TRIGGER knowledge_documents_deleted;
DROP TRIGGER knowledge_chunks_renamed;
DROP TRIGGER knowledge_chunks_deleted;
DROP TRIGGER knowledge_chunks_inserted;
DROP TABLE knowledge_words;";

const POSTGRES_INDEX_DOWN: &str = "
DROP TRIGGER knowledge_documents_deleted ON knowledge_documents;
DROP FUNCTION knowledge_document_deleted();";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(documents()).await?;
        // Enforces "a file of the same name in the same origin is the same document".
        unique(manager, "knowledge_documents", &["project_id", "origin", "source_key"]).await?;
        for column in ["created_at", "updated_at", "title"] {
            index(manager, "knowledge_documents", &["project_id", column, "id"]).await?;
        }
        index(manager, "knowledge_documents", &["project_id", "category"]).await?;
        index(manager, "knowledge_documents", &["project_id", "status"]).await?;
        index(manager, "knowledge_documents", &["repository_id"]).await?;
        manager.create_table(chunks()).await?;
        unique(manager, "knowledge_chunks", &["document_id", "ordinal"]).await?;
        index(manager, "knowledge_chunks", &["project_id"]).await?;
        manager.create_table(vectors()).await?;
        index(manager, "knowledge_vectors", &["project_id", "model", "chunk_id"]).await?;
        manager.create_table(uploads()).await?;
        manager.create_table(revisions()).await?;
        by_backend(manager, SQLITE_INDEX, POSTGRES_INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(manager, SQLITE_INDEX_DOWN, POSTGRES_INDEX_DOWN).await?;
        for table in ["knowledge_revisions", "knowledge_uploads", "knowledge_vectors", "knowledge_chunks", "knowledge_documents"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn documents() -> TableCreateStatement {
    Table::create()
        .table("knowledge_documents")
        .col(key("id"))
        .col(reference("project_id"))
        .col(choice("origin", ORIGINS))
        .col(text("source_key"))
        .col(text("title"))
        .col(text("category"))
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(text("filename"))
        .col(choice("content_type", KINDS))
        .col(reference("size"))
        .col(text("content_hash"))
        // The hash whose passages are served; behind `content_hash` while a new version waits.
        .col(optional_text("indexed_hash"))
        .col(number("version"))
        .col(choice("status", STATUSES))
        .col(optional_text("error"))
        // The normalised text that spans point into.
        .col(optional_text("content"))
        .col(reference("chunk_count").default(0).take())
        .col(optional_reference("repository_id"))
        .col(optional_text("commit_sha"))
        .col(optional_text("blob_sha"))
        .col(optional_text("source_path"))
        .col(optional_text("source_url"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("knowledge_documents", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("knowledge_documents", "repository_id", "repositories", ForeignKeyAction::Cascade))
        .take()
}

fn chunks() -> TableCreateStatement {
    Table::create()
        .table("knowledge_chunks")
        .col(key("id"))
        .col(reference("document_id"))
        .col(reference("project_id"))
        .col(number("ordinal"))
        // The document's title, repeated for the word index.
        .col(text("title"))
        .col(text("content"))
        .col(text("heading_path"))
        .col(reference("span_start"))
        .col(reference("span_end"))
        .col(number("token_count"))
        .foreign_key(&mut belongs_to("knowledge_chunks", "document_id", "knowledge_documents", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("knowledge_chunks", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// Apart from the passages: most statements want no vectors, and another index for them can stand beside this one.
fn vectors() -> TableCreateStatement {
    Table::create()
        .table("knowledge_vectors")
        .col(ColumnDef::new("chunk_id").big_integer().not_null().primary_key())
        .col(reference("project_id"))
        .col(text("model"))
        // f32, little endian.
        .col(ColumnDef::new("vector").blob().not_null())
        .foreign_key(&mut belongs_to("knowledge_vectors", "chunk_id", "knowledge_chunks", ForeignKeyAction::Cascade))
        .take()
}

fn uploads() -> TableCreateStatement {
    Table::create()
        .table("knowledge_uploads")
        .col(ColumnDef::new("document_id").big_integer().not_null().primary_key())
        .col(text("content_hash"))
        .col(optional_text("title"))
        .col(ColumnDef::new("bytes").blob().not_null())
        .foreign_key(&mut belongs_to("knowledge_uploads", "document_id", "knowledge_documents", ForeignKeyAction::Cascade))
        .take()
}

/// Grows with every change of a project's passages: whoever caches them asks for this number first.
fn revisions() -> TableCreateStatement {
    Table::create()
        .table("knowledge_revisions")
        .col(ColumnDef::new("project_id").big_integer().not_null().primary_key())
        .col(reference("revision"))
        .foreign_key(&mut belongs_to("knowledge_revisions", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
