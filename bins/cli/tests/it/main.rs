//! The `commandcenter` binary as people and programs call it: what it prints, what it sends, what it answers with.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built is a failed test")]

mod account;
mod failures;
mod job_control;
mod jobs;
mod knowledge;
mod lists;
mod operator;
mod run;
