//! The schema, as an ordered list of migrations that go up and down on SQLite and PostgreSQL.
//!
//! Column rules: 64-bit keys, `timestamp with time zone` in UTC, enums as lower-case text with a CHECK constraint, JSON as JSON.

pub use sea_orm_migration::{MigratorTrait, SchemaManager};

mod column;
mod m20261121_000001_identity;
mod m20261121_000002_audit_outbox;
mod m20261121_000003_jobs;
mod m20261121_000004_repositories;
mod m20261121_000005_technologies;
mod m20261121_000006_research_tasks;
mod m20261121_000007_knowledge;
mod m20261121_000008_idempotency;
mod m20261121_000009_schedules;
mod m20261121_000010_job_history;
mod m20261121_000020_event_stream;
mod m20261121_000030_job_archive;
mod m20261121_000031_documents;
mod m20261121_000041_knowledge_search;
mod m20261121_000042_knowledge_evaluations;
mod m20261121_000051_sources;
mod m20261121_000061_llm;
mod m20261121_000062_llm_limits;
mod m20261121_000063_llm_answers;
mod m20261121_000066_embedding_models;
mod m20261121_000069_pages;
mod m20261121_000070_staleness;
mod search;

/// The migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[sea_orm_migration::async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_identity::Migration),
            Box::new(m20261121_000002_audit_outbox::Migration),
            Box::new(m20261121_000003_jobs::Migration),
            Box::new(m20261121_000004_repositories::Migration),
            Box::new(m20261121_000005_technologies::Migration),
            Box::new(m20261121_000006_research_tasks::Migration),
            Box::new(m20261121_000007_knowledge::Migration),
            Box::new(m20261121_000008_idempotency::Migration),
            Box::new(m20261121_000009_schedules::Migration),
            Box::new(m20261121_000010_job_history::Migration),
            Box::new(m20261121_000020_event_stream::Migration),
            Box::new(m20261121_000030_job_archive::Migration),
            Box::new(m20261121_000031_documents::Migration),
            Box::new(m20261121_000041_knowledge_search::Migration),
            Box::new(m20261121_000042_knowledge_evaluations::Migration),
            Box::new(m20261121_000051_sources::Migration),
            Box::new(m20261121_000061_llm::Migration),
            Box::new(m20261121_000062_llm_limits::Migration),
            Box::new(m20261121_000063_llm_answers::Migration),
            Box::new(m20261121_000066_embedding_models::Migration),
            Box::new(m20261121_000069_pages::Migration),
            Box::new(m20261121_000070_staleness::Migration),
        ]
    }
}
