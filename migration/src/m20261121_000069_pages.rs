//! Expand: documents that are pages somewhere, with what is known of them there; documents by label and by kind, for lists. The running binary
//! refuses no document that it wrote itself; labels are kept in step by triggers, whoever writes them.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, by_backend, flag, index, optional_moment, optional_text, reference, text};

/// See the migration that brought sources: the text of the table is written, and the index behind it makes every connection read it again.
const SQLITE: &str = "
UPDATE knowledge_documents SET media_type = content_type WHERE media_type IS NULL;
CREATE TRIGGER knowledge_tags_inserted AFTER INSERT ON knowledge_documents BEGIN
  INSERT OR IGNORE INTO knowledge_tags (document_id, project_id, tag) SELECT new.id, new.project_id, value FROM json_each(new.tags);
END;
CREATE TRIGGER knowledge_tags_updated AFTER UPDATE OF tags ON knowledge_documents WHEN old.tags IS NOT new.tags BEGIN
  DELETE FROM knowledge_tags WHERE document_id = old.id;
  INSERT OR IGNORE INTO knowledge_tags (document_id, project_id, tag) SELECT new.id, new.project_id, value FROM json_each(new.tags);
END;
INSERT OR IGNORE INTO knowledge_tags (document_id, project_id, tag)
  SELECT d.id, d.project_id, t.value FROM knowledge_documents d, json_each(d.tags) t;
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, '''upload'', ''repository'', ''source''', '''upload'', ''repository'', ''source'', ''url''')
  WHERE type = 'table' AND name = 'knowledge_documents';
PRAGMA writable_schema = RESET;
CREATE INDEX idx_knowledge_documents_project_id_origin ON knowledge_documents (project_id, origin);";

const POSTGRES: &str = "
UPDATE knowledge_documents SET media_type = content_type WHERE media_type IS NULL;
CREATE FUNCTION knowledge_tags_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN DELETE FROM knowledge_tags WHERE document_id = new.id; END IF;
  INSERT INTO knowledge_tags (document_id, project_id, tag)
    SELECT DISTINCT new.id, new.project_id, value FROM jsonb_array_elements_text(new.tags) AS t(value);
  RETURN new;
END $$;
CREATE TRIGGER knowledge_tags_inserted AFTER INSERT ON knowledge_documents FOR EACH ROW EXECUTE FUNCTION knowledge_tags_of();
CREATE TRIGGER knowledge_tags_updated AFTER UPDATE OF tags ON knowledge_documents FOR EACH ROW
  WHEN (old.tags IS DISTINCT FROM new.tags) EXECUTE FUNCTION knowledge_tags_of();
INSERT INTO knowledge_tags (document_id, project_id, tag)
  SELECT DISTINCT d.id, d.project_id, t.value FROM knowledge_documents d, jsonb_array_elements_text(d.tags) AS t(value);
ALTER TABLE knowledge_documents DROP CONSTRAINT IF EXISTS knowledge_documents_origin_check;
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_origin_check CHECK (origin IN ('upload', 'repository', 'source', 'url'));
CREATE INDEX idx_knowledge_documents_project_id_origin ON knowledge_documents (project_id, origin);";

const SQLITE_DOWN: &str = "
SELECT count(*) FROM sqlite_master;
DROP TRIGGER knowledge_tags_inserted;
DROP TRIGGER knowledge_tags_updated;
DELETE FROM knowledge_documents WHERE origin = 'url';
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, '''upload'', ''repository'', ''source'', ''url''', '''upload'', ''repository'', ''source''')
  WHERE type = 'table' AND name = 'knowledge_documents';
PRAGMA writable_schema = RESET;
DROP INDEX idx_knowledge_documents_project_id_origin;";

const POSTGRES_DOWN: &str = "
DROP TRIGGER knowledge_tags_inserted ON knowledge_documents;
DROP TRIGGER knowledge_tags_updated ON knowledge_documents;
DROP FUNCTION knowledge_tags_of();
DELETE FROM knowledge_documents WHERE origin = 'url';
ALTER TABLE knowledge_documents DROP CONSTRAINT IF EXISTS knowledge_documents_origin_check;
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_origin_check CHECK (origin IN ('upload', 'repository', 'source'));
DROP INDEX idx_knowledge_documents_project_id_origin;";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(addresses()).await?;
        index(manager, "knowledge_addresses", &["project_id"]).await?;
        manager.create_table(tags()).await?;
        index(manager, "knowledge_tags", &["project_id", "tag", "document_id"]).await?;
        index(manager, "knowledge_documents", &["project_id", "media_type"]).await?;
        by_backend(manager, SQLITE, POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(manager, SQLITE_DOWN, POSTGRES_DOWN).await?;
        let name = "idx_knowledge_documents_project_id_media_type";
        manager.drop_index(Index::drop().name(name).table("knowledge_documents").to_owned()).await?;
        for table in ["knowledge_tags", "knowledge_addresses"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn addresses() -> TableCreateStatement {
    Table::create()
        .table("knowledge_addresses")
        .col(ColumnDef::new("document_id").big_integer().not_null().primary_key())
        .col(reference("project_id"))
        .col(optional_text("etag"))
        .col(optional_text("last_modified"))
        .col(optional_moment("fetched_at"))
        .col(optional_moment("failing_since"))
        .col(flag("is_gone", false))
        .foreign_key(&mut belongs_to("knowledge_addresses", "document_id", "knowledge_documents", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("knowledge_addresses", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// What the labels of documents say once more, so that a list by label reads no other document.
fn tags() -> TableCreateStatement {
    Table::create()
        .table("knowledge_tags")
        .col(reference("document_id"))
        .col(reference("project_id"))
        .col(text("tag"))
        .primary_key(Index::create().col("document_id").col("tag"))
        .foreign_key(&mut belongs_to("knowledge_tags", "document_id", "knowledge_documents", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("knowledge_tags", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
