//! Repository tests, on the database that `TEST_DB` names.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod document_lists;
mod documents;
mod idempotency;
mod identity;
mod job_archive;
mod job_archive_cost;
mod job_engine;
mod job_walks;
mod jobs;
mod knowledge;
mod llm_answers;
mod llm_ledger;
mod llm_limits;
mod llm_settings;
mod radar;
mod schedules;
mod schema;
mod sources;
