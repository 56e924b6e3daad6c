//! Expand: what searches in memory need to stay true: a revision that moves with every change of what a hit shows, a count of changes of
//! passages in place, and an order in which new passages are read. The running binary reads none of it.

use sea_orm_migration::prelude::*;

use crate::column::{by_backend, index, reference};

const SQLITE: &str = "
CREATE TRIGGER knowledge_documents_shown AFTER UPDATE OF title, category, tags, filename, source_path, source_url, repository_id ON knowledge_documents
WHEN (old.title, old.category, old.tags, old.filename, old.source_path, old.source_url, old.repository_id)
  IS NOT (new.title, new.category, new.tags, new.filename, new.source_path, new.source_url, new.repository_id) BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1 WHERE project_id = new.project_id;
END;
CREATE TRIGGER knowledge_chunks_rewritten AFTER UPDATE OF title, content, heading_path ON knowledge_chunks
WHEN (old.title, old.content, old.heading_path) IS NOT (new.title, new.content, new.heading_path) BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1, rewritten = rewritten + 1 WHERE project_id = new.project_id;
END;";

const POSTGRES: &str = "
CREATE FUNCTION knowledge_document_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1 WHERE project_id = new.project_id;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_documents_shown AFTER UPDATE OF title, category, tags, filename, source_path, source_url, repository_id ON knowledge_documents
FOR EACH ROW WHEN ((old.title, old.category, old.tags, old.filename, old.source_path, old.source_url, old.repository_id)
  IS DISTINCT FROM (new.title, new.category, new.tags, new.filename, new.source_path, new.source_url, new.repository_id))
EXECUTE FUNCTION knowledge_document_shown();
CREATE FUNCTION knowledge_chunk_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE knowledge_revisions SET revision = revision + 1, rewritten = rewritten + 1 WHERE project_id = new.project_id;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_chunks_rewritten AFTER UPDATE OF title, content, heading_path ON knowledge_chunks
FOR EACH ROW WHEN ((old.title, old.content, old.heading_path) IS DISTINCT FROM (new.title, new.content, new.heading_path))
EXECUTE FUNCTION knowledge_chunk_rewritten();";

const SQLITE_DOWN: &str = "DROP TRIGGER knowledge_chunks_rewritten; DROP TRIGGER knowledge_documents_shown;";

const POSTGRES_DOWN: &str = "
DROP TRIGGER knowledge_chunks_rewritten ON knowledge_chunks;
DROP FUNCTION knowledge_chunk_rewritten();
DROP TRIGGER knowledge_documents_shown ON knowledge_documents;
DROP FUNCTION knowledge_document_shown();";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Grows when passages change without a new id.
        let rewritten = reference("rewritten").default(0).take();
        manager.alter_table(Table::alter().table("knowledge_revisions").add_column(rewritten).take()).await?;
        index(manager, "knowledge_chunks", &["project_id", "id"]).await?;
        by_backend(manager, SQLITE, POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(manager, SQLITE_DOWN, POSTGRES_DOWN).await?;
        manager.drop_index(Index::drop().name("idx_knowledge_chunks_project_id_id").table("knowledge_chunks").to_owned()).await?;
        manager.alter_table(Table::alter().table("knowledge_revisions").drop_column("rewritten").take()).await
    }
}
