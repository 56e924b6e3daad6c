//! A job and its life.

use chrono::TimeDelta;
use serde_json::Value;

use crate::shared::{JobId, ProjectId, Timestamp, UserId};
use crate::text_enum;

use super::{QueueName, RetryPolicy};

text_enum! {
    /// What a job does. Append only: rows of old versions must parse.
    JobKind {
        /// Brings a tracked repository up to date: metadata, commits, documents.
        RepositorySync = "repository_sync",
        /// Reads an uploaded document into the knowledge base.
        KnowledgeIngest = "knowledge_ingest",
        /// Adds up what the parts of an import came to, once all of them have ended.
        BatchImport = "batch_import",
        /// Writes a part of an import.
        ImportRows = "import_rows",
        /// Reads a source into the knowledge base.
        SourceSync = "source_sync",
        /// Makes the vectors of a knowledge base anew with another model.
        KnowledgeReembed = "knowledge_reembed",
    }
}

impl JobKind {
    /// The queue it waits in.
    #[must_use]
    pub const fn queue(self) -> QueueName {
        match self {
            Self::RepositorySync | Self::SourceSync => QueueName::Sync,
            Self::KnowledgeIngest | Self::KnowledgeReembed => QueueName::Ingest,
            Self::BatchImport | Self::ImportRows => QueueName::Default,
        }
    }

    /// Whether it stands for a batch: its children do the work.
    #[must_use]
    pub const fn is_batch(self) -> bool {
        match self {
            Self::BatchImport => true,
            Self::RepositorySync | Self::KnowledgeIngest | Self::ImportRows | Self::SourceSync | Self::KnowledgeReembed => false,
        }
    }

    /// The key under which only one of these jobs runs at a time: two must not work on one repository, document or source at once, nor may two
    /// imports write the radar in different orders and wait for each other, nor two changes of the model write vectors.
    #[must_use]
    pub fn exclusive_key(self, parameters: &Value) -> Option<String> {
        let (prefix, field) = match self {
            Self::RepositorySync => ("repository", "repository_id"),
            Self::KnowledgeIngest => ("document", "document_id"),
            Self::SourceSync => ("source", "source_id"),
            Self::BatchImport => return None,
            Self::ImportRows => return Some("technologies".to_owned()),
            Self::KnowledgeReembed => return Some("embeddings".to_owned()),
        };
        parameters[field].as_i64().map(|id| format!("{prefix}:{id}"))
    }

    /// How long a run may take.
    #[must_use]
    pub const fn limits(self) -> RunLimits {
        match self {
            Self::RepositorySync => RunLimits { soft: TimeDelta::hours(1), hard: TimeDelta::minutes(65) },
            // Ten thousand pages at the pace of one a second, and what they take to be read.
            Self::SourceSync => RunLimits { soft: TimeDelta::hours(6), hard: TimeDelta::minutes(365) },
            Self::KnowledgeIngest => RunLimits { soft: TimeDelta::minutes(30), hard: TimeDelta::minutes(32) },
            // What was made stays made: what does not end in a day goes on as the next attempt.
            Self::KnowledgeReembed => RunLimits { soft: TimeDelta::hours(24), hard: TimeDelta::hours(25) },
            Self::BatchImport | Self::ImportRows => RunLimits { soft: TimeDelta::minutes(5), hard: TimeDelta::minutes(6) },
        }
    }

    /// The waits between its attempts.
    #[must_use]
    pub const fn retry(self) -> RetryPolicy {
        match self {
            // Hosts that are away stay away for minutes.
            Self::RepositorySync | Self::SourceSync | Self::KnowledgeReembed => {
                RetryPolicy { base: TimeDelta::seconds(5), cap: TimeDelta::minutes(15) }
            }
            Self::KnowledgeIngest | Self::BatchImport | Self::ImportRows => {
                RetryPolicy { base: TimeDelta::seconds(2), cap: TimeDelta::minutes(10) }
            }
        }
    }
}

/// How long one run of a job may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// After this long it is told to stop, and what it then comes to counts as a failed attempt.
    pub soft: TimeDelta,
    /// After this long it is abandoned, and the job fails for good.
    pub hard: TimeDelta,
}

text_enum! {
    /// Where a job stands.
    JobStatus {
        /// Waits to be claimed, or (without `run_at`) to be dispatched.
        Pending = "pending",
        /// A worker holds its lease.
        Running = "running",
        /// Failed and waits for its next attempt.
        Retrying = "retrying",
        /// Done.
        Completed = "completed",
        /// Failed for good: trying again would not help.
        Failed = "failed",
        /// Stopped on request.
        Cancelled = "cancelled",
        /// Failed on every attempt it had.
        Dead = "dead",
    }
}

/// A job to put in the queue.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What it does.
    pub kind: JobKind,
    /// Its parameters, shaped by the kind.
    pub parameters: Value,
    /// Free labels.
    pub tags: Value,
    /// 1 (last) to 10 (first).
    pub priority: i32,
    /// Attempts before it is dead.
    pub max_attempts: i32,
    /// When it may start; `None` holds it until it is dispatched.
    pub run_at: Option<Timestamp>,
    /// At most one job with this key is pending, running or retrying in the project.
    pub unique_key: Option<String>,
    /// What happens when the key is taken.
    pub when_taken: WhenTaken,
    /// Of the project's jobs with this key at most [`NewJob::key_limit`] run at once; the others wait.
    pub exclusive_key: Option<String>,
    /// 1 to [`NewJob::MOST_PER_KEY`].
    pub key_limit: i32,
    /// The batch it belongs to: a job that starts only when all its children have ended.
    pub parent: Option<JobId>,
    /// Children that must end before this job may start.
    pub open_children: i32,
    /// How many items it works through, when that is known from the start.
    pub items: Option<i32>,
    /// When it is made.
    pub at: Timestamp,
}

/// What becomes of a new job whose unique key a live one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenTaken {
    /// The new one is dropped; the live one is given back as it is.
    #[default]
    Drop,
    /// A live one that waits takes over the new one's parameters, tags, priority and start; one that runs is given back as it is.
    Replace,
    /// Both are kept: the new one goes without the key.
    Keep,
}

impl NewJob {
    /// Most jobs that may run at once under one exclusive key.
    pub const MOST_PER_KEY: i32 = 16;

    /// A job that may start at `now`, with the usual priority and attempts.
    #[must_use]
    pub fn ready(kind: JobKind, parameters: Value, now: Timestamp) -> Self {
        Self { run_at: Some(now), ..Self::held(kind, parameters, now) }
    }

    /// A job that waits to be dispatched, with the usual priority and attempts.
    #[must_use]
    pub fn held(kind: JobKind, parameters: Value, now: Timestamp) -> Self {
        let tags = Value::Object(serde_json::Map::new());
        let exclusive_key = kind.exclusive_key(&parameters);
        Self {
            kind,
            parameters,
            tags,
            priority: 5,
            max_attempts: 5,
            run_at: None,
            unique_key: None,
            when_taken: WhenTaken::Drop,
            exclusive_key,
            key_limit: 1,
            parent: None,
            open_children: 0,
            items: None,
            at: now,
        }
    }
}

/// How a job ranks among those that wait: the earlier first. Each step of priority counts as much as this time of waiting, so that what
/// waits long enough comes before anything that arrives later, however important.
pub const AGEING: TimeDelta = TimeDelta::seconds(60);

/// The rank of a job of this priority that may start at `run_at`.
#[must_use]
pub fn rank(run_at: Timestamp, priority: i32) -> Timestamp {
    run_at - AGEING * priority
}

/// Things that a job works through, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Items {
    /// Done.
    pub done: i32,
    /// Failed.
    pub failed: i32,
    /// All of them, once that is known.
    pub total: Option<i32>,
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub project: ProjectId,
    /// What it does.
    pub kind: JobKind,
    /// The queue it waits in.
    pub queue: QueueName,
    /// Its parameters.
    pub parameters: Value,
    /// Free labels.
    pub tags: Value,
    /// 1 (last) to 10 (first).
    pub priority: i32,
    /// Where it stands.
    pub status: JobStatus,
    /// Percent done, 0 to 100.
    pub progress: i32,
    /// What it is doing, for people.
    pub current_step: Option<String>,
    /// What it works through, when it counts.
    pub items: Items,
    /// What it produced.
    pub result: Option<Value>,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// The class of the error, as in [`super::Trouble`].
    pub error_class: Option<String>,
    /// Attempts begun.
    pub attempt: i32,
    /// Attempts before it is dead.
    pub max_attempts: i32,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// The batch it belongs to.
    pub parent: Option<JobId>,
    /// Children that have not ended.
    pub open_children: i32,
    /// The engine that runs it or ran it last.
    pub worker: Option<String>,
    /// Which claim of it was the last.
    pub fence: i64,
    /// When its last attempt began.
    pub attempt_started_at: Option<Timestamp>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// The request at its root.
    pub request_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it may (next) start; `None` until dispatched.
    pub run_at: Option<Timestamp>,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}
