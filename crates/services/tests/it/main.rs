//! Use cases on a real database, against recorded systems.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod batch;
mod idempotency;
mod repositories;
mod retention;
mod source_sync;
mod staleness;
mod support;
mod sync;
mod sync_failures;
