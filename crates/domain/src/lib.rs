//! The domain of CommandCenter: one module per context, each with its types, rules, errors and ports.
//!
//! This crate does no I/O and names no framework. Services depend on the ports declared here; adapters implement them.

pub mod audit;
pub mod batch;
pub mod dashboard;
pub mod event;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod job;
pub mod knowledge;
pub mod llm;
pub mod project;
pub mod prompt;
pub mod repository;
pub mod research;
pub mod schedule;
pub mod shared;
pub mod source;
pub mod store;
pub mod technology;

pub use shared::{Classified, Clock, Fault, FieldError, Page, PageRequest, Patch, StoreError};
pub use store::{Repos, Store, Tx};
