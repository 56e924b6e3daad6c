//! Queues: kinds of work that share slots.

use crate::text_enum;

text_enum! {
    /// A queue. Each has a concurrency of its own, so that a flood of one kind of work leaves room for the others. Append only.
    QueueName {
        /// Whatever has no queue of its own.
        Default = "default",
        /// Synchronisations with outside systems.
        Sync = "sync",
        /// Reading documents into the knowledge base.
        Ingest = "ingest",
        /// Work that calls models.
        Ai = "ai",
        /// Files that people asked for.
        Export = "export",
        /// Deliveries to outside receivers.
        Webhooks = "webhooks",
    }
}

/// How a queue stands, over all projects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueFigures {
    /// Which.
    pub queue: QueueName,
    /// Whether an operator stopped its claims.
    pub paused: bool,
    /// Jobs that may start now.
    pub ready: u64,
    /// Jobs that start later.
    pub delayed: u64,
    /// Jobs under a lease.
    pub running: u64,
    /// Engines that hold leases in it.
    pub workers: u64,
    /// Seconds since the job that waits longest might have started; `None` when none is ready.
    pub oldest_ready_seconds: Option<f64>,
    /// Attempts that ended within the last minute.
    pub finished_per_minute: u64,
}
