//! Use cases: one service per context. A service authorises, orchestrates ports and owns transactions; it knows neither HTTP nor SQL.

pub mod batch;
pub mod dashboard;
pub mod event;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod job;
mod journal;
pub mod knowledge;
pub mod llm;
pub mod project;
pub mod prompt;
pub mod repository;
pub mod repository_sync;
pub mod research;
pub mod schedule;
pub mod source;
pub mod source_sync;
pub mod technology;
