//! What a job leaves behind: its attempts and its log.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{JobId, StoreError, Timestamp};
use crate::text_enum;

text_enum! {
    /// How an attempt ended.
    AttemptOutcome {
        /// It succeeded.
        Completed = "completed",
        /// It failed, and another would not have helped.
        Failed = "failed",
        /// It failed, and another was to follow.
        Retry = "retry",
        /// It failed as the last one allowed.
        Dead = "dead",
        /// It asked to go on later.
        Wait = "wait",
        /// It was stopped on request.
        Cancelled = "cancelled",
        /// Its worker stopped and handed it back.
        Released = "released",
        /// Its worker fell silent.
        LeaseLost = "lease_lost",
    }
}

text_enum! {
    /// How much a line of a log matters.
    LogLevel {
        /// For those who search for a fault.
        Debug = "debug",
        /// What was done.
        Info = "info",
        /// What went wrong and was survived.
        Warn = "warn",
        /// What failed.
        Error = "error",
    }
}

/// One run of a job: the one under way has no end yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which claim of the job it was; goes up, and identifies the attempt within the job.
    pub fence: i64,
    /// Which attempt it counted as, from 1. A run handed back or told to wait does not count, so numbers may repeat.
    pub number: i32,
    /// The engine that ran it.
    pub worker: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub outcome: Option<AttemptOutcome>,
    /// What went wrong, for people.
    pub error: Option<String>,
    /// Its class, as in [`super::Trouble`].
    pub error_class: Option<String>,
}

/// What a run writes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogLine {
    /// When it was said.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// **Invariant:** without NUL, at most [`NewLogLine::LONGEST`] characters.
    pub message: String,
}

impl NewLogLine {
    /// Longest message kept, in characters.
    pub const LONGEST: usize = 2000;
    /// Most lines kept of one run; the last says that more were said.
    pub const MOST: usize = 2000;

    /// A line that any database can store.
    #[must_use]
    pub fn new(at: Timestamp, level: LogLevel, message: &str) -> Self {
        Self { at, level, message: message.chars().filter(|c| *c != '\0').take(Self::LONGEST).collect() }
    }
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its place in the log; goes up.
    pub id: i64,
    /// What was said.
    pub line: NewLogLine,
}

/// A part of an append-only list, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next part begins; `None` at the end.
    pub next_cursor: Option<i64>,
}

/// What jobs of a project left behind.
#[async_trait]
pub trait JobHistory: Send + Sync {
    /// The ended attempts of a job after the one of fence `after`, oldest first; empty for another project's.
    async fn attempts(&self, scope: &ProjectScope, job: JobId, (after, limit): (i64, u64)) -> Result<Slice<Attempt>, StoreError>;
    /// The lines of a job's log after the one of id `after`, oldest first; empty for another project's.
    async fn log(&self, scope: &ProjectScope, job: JobId, (after, limit): (i64, u64)) -> Result<Slice<LogLine>, StoreError>;
}
