//! Expand, with one step of contract: adds which model answers in a project, and lets a passage have a vector of each of several models.
//!
//! The running binary knows neither: it goes on reading and answering. What it would write of vectors names a key that is gone and is
//! refused, and the job that wanted it is tried again: workers are restarted with this migration, as with every release.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, by_backend, moment, reference};

/// SQLite cannot change a primary key; its manual's way is a new table under the old name.
const SQLITE_UP: &str = r#"
CREATE TABLE "knowledge_vectors_new" ( "chunk_id" bigint NOT NULL, "project_id" bigint NOT NULL, "model" text NOT NULL, "vector" blob NOT NULL,
  CONSTRAINT "pk_knowledge_vectors" PRIMARY KEY ("chunk_id", "model"),
  CONSTRAINT "fk_knowledge_vectors_chunk_id" FOREIGN KEY ("chunk_id") REFERENCES "knowledge_chunks" ("id") ON DELETE CASCADE );
INSERT INTO knowledge_vectors_new (chunk_id, project_id, model, vector) SELECT chunk_id, project_id, model, vector FROM knowledge_vectors;
DROP TABLE knowledge_vectors;
ALTER TABLE knowledge_vectors_new RENAME TO knowledge_vectors;
CREATE INDEX idx_knowledge_vectors_project_id_model_chunk_id ON knowledge_vectors (project_id, model, chunk_id);"#;

const POSTGRES_UP: &str = "
ALTER TABLE knowledge_vectors DROP CONSTRAINT knowledge_vectors_pkey;
ALTER TABLE knowledge_vectors ADD CONSTRAINT knowledge_vectors_pkey PRIMARY KEY (chunk_id, model);";

/// What one model made of a passage stays; which one serves is no longer known.
const SQLITE_DOWN: &str = r#"
CREATE TABLE "knowledge_vectors_old" ( "chunk_id" bigint NOT NULL PRIMARY KEY, "project_id" bigint NOT NULL, "model" text NOT NULL, "vector" blob NOT NULL,
  CONSTRAINT "fk_knowledge_vectors_chunk_id" FOREIGN KEY ("chunk_id") REFERENCES "knowledge_chunks" ("id") ON DELETE CASCADE );
INSERT OR IGNORE INTO knowledge_vectors_old (chunk_id, project_id, model, vector)
  SELECT chunk_id, project_id, model, vector FROM knowledge_vectors ORDER BY model LIKE '%/%', model;
DROP TABLE knowledge_vectors;
ALTER TABLE knowledge_vectors_old RENAME TO knowledge_vectors;
CREATE INDEX idx_knowledge_vectors_project_id_model_chunk_id ON knowledge_vectors (project_id, model, chunk_id);"#;

const POSTGRES_DOWN: &str = "
DELETE FROM knowledge_vectors v USING knowledge_vectors other
  WHERE v.chunk_id = other.chunk_id AND (v.model LIKE '%/%', v.model) > (other.model LIKE '%/%', other.model);
ALTER TABLE knowledge_vectors DROP CONSTRAINT knowledge_vectors_pkey;
ALTER TABLE knowledge_vectors ADD CONSTRAINT knowledge_vectors_pkey PRIMARY KEY (chunk_id);";

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("knowledge_embeddings")
            .col(ColumnDef::new("project_id").big_integer().not_null().primary_key())
            .col(ColumnDef::new("serving").json_binary().not_null())
            // The model that is to come and the job that brings it: both or neither.
            .col(ColumnDef::new("next").json_binary().null())
            // No foreign key: ids of jobs are never used again.
            .col(ColumnDef::new("job_id").big_integer().null())
            .col(reference("version"))
            .col(moment("updated_at"))
            .foreign_key(&mut belongs_to("knowledge_embeddings", "project_id", "projects", ForeignKeyAction::Cascade))
            .take();
        manager.create_table(table).await?;
        by_backend(manager, SQLITE_UP, POSTGRES_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(manager, SQLITE_DOWN, POSTGRES_DOWN).await?;
        manager.drop_table(Table::drop().table("knowledge_embeddings").take()).await
    }
}
