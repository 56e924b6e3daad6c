//! Rows as SeaORM sees them. They never leave this crate.
#![expect(unreachable_pub, reason = "SeaORM's macros generate public items; columns are named as in the migration")]

pub(crate) mod api_key;
pub(crate) mod audit_entry;
pub(crate) mod commit;
pub(crate) mod idempotency_key;
pub(crate) mod job;
pub(crate) mod job_archive;
pub(crate) mod job_attempt;
pub(crate) mod job_effect;
pub(crate) mod job_log;
pub(crate) mod knowledge_chunk;
pub(crate) mod knowledge_document;
pub(crate) mod knowledge_evaluation;
pub(crate) mod knowledge_upload;
pub(crate) mod knowledge_upload_part;
pub(crate) mod knowledge_vector;
pub(crate) mod knowledge_version;
pub(crate) mod membership;
pub(crate) mod outbox_event;
pub(crate) mod project;
pub(crate) mod refresh_token;
pub(crate) mod repository;
pub(crate) mod research_task;
pub(crate) mod schedule;
pub(crate) mod schedule_run;
pub(crate) mod session;
pub(crate) mod source;
pub(crate) mod source_error;
pub(crate) mod source_item;
pub(crate) mod source_run;
pub(crate) mod task_document;
pub(crate) mod technology;
pub(crate) mod technology_repository;
pub(crate) mod ticket;
pub(crate) mod user;
