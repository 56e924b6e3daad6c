//! What a client can see, one file per resource, on the database that `TEST_DB` names.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails the test")]

mod access;
mod answers;
mod archives;
mod auth;
mod batch;
mod cli;
mod credentials;
mod dashboard;
mod documents;
mod embedding_models;
mod events;
mod faces;
mod hostile_files;
mod idempotency;
mod jobs;
mod jobs_archive;
mod jobs_operate;
mod knowledge;
mod knowledge_query;
mod llm;
mod pages;
mod projects;
mod real_documents;
mod repositories;
mod rerank;
mod research_tasks;
mod schedules;
mod sources;
mod technologies;

/// Files made by hand, as the tests of the parsers make them.
#[path = "../../crates/parsers/tests/it/fixture.rs"]
mod fixture;
