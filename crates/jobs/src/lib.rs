//! The engine that runs durable jobs.
//!
//! The row in storage is the truth. An [`Engine`] claims ready rows under leases, runs their handlers, extends the leases while they
//! run, and writes how each run ended, fenced so that a run whose lease is gone writes nothing. It wakes on signals, at the next
//! moment something becomes due, and at a slow safety poll; never in a busy loop.

mod core;
mod engine;
mod keeper;
mod live;
mod log;
mod options;
mod progress;
mod registry;
mod room;
mod run;
mod schedule;
mod settler;
mod supervise;

pub use crate::engine::Engine;
pub use crate::options::{Chance, EngineOptions, EngineParts};
pub use crate::registry::Registry;
pub use crate::schedule::{Scheduler, SchedulerParts};
