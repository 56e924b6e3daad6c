//! The ledger's rows: one for each attempt at a model.

use std::time::Duration;

use super::{FailureKind, NanoDollars, Usage};
use crate::shared::{ApiKeyId, ProjectId, ProviderId, Timestamp, UserId};
use crate::text_enum;

text_enum! {
    /// What a call was made for.
    Cause {
        /// A program or a person through the compatible endpoints.
        Api = "api",
        /// An answer from the knowledge base.
        Ask = "ask",
        /// A job.
        Job = "job",
        /// A debate of the arena.
        Debate = "debate",
        /// A research task.
        ResearchTask = "research_task",
        /// The tools for prompts.
        Prompt = "prompt",
        /// Vectors for the knowledge base.
        Embedding = "embedding",
        /// A test of a provider's settings.
        ConnectionTest = "connection_test",
    }
}

text_enum! {
    /// How an attempt ended.
    Outcome {
        /// Reserved, not ended: under way, or its process stopped.
        Open = "open",
        /// A whole answer.
        Complete = "complete",
        /// The stream broke off after its first token.
        Incomplete = "incomplete",
        /// No answer.
        Failed = "failed",
        /// The caller went away.
        Cancelled = "cancelled",
        /// Answered from the cache, at no cost.
        Cached = "cached",
        /// Its process stopped before it could say how it ended; billed as reserved.
        Lost = "lost",
    }
}

/// Who pays for a call, and why it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The project.
    pub project: ProjectId,
    /// The account behind it; none for work that nobody asked for in person.
    pub user: Option<UserId>,
    /// The key it came with.
    pub api_key: Option<ApiKeyId>,
    /// What it was made for.
    pub cause: Cause,
    /// Which job, debate or task.
    pub cause_id: Option<String>,
    /// The role it was made in, such as `critic`.
    pub role: Option<String>,
}

/// An attempt before it is made: who pays, and the most it can cost.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// Who pays.
    pub attribution: Attribution,
    /// The provider's row.
    pub provider: ProviderId,
    /// The provider's name.
    pub alias: String,
    /// The model.
    pub model: String,
    /// The most that it can take.
    pub bound: Usage,
    /// The most that it can cost.
    pub reserved: NanoDollars,
    /// Which attempt of its call, from 1, over all targets.
    pub number: u32,
    /// When.
    pub at: Timestamp,
}

/// An attempt after it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not end well.
    pub failure: Option<FailureKind>,
    /// What it took.
    pub usage: Usage,
    /// What it cost.
    pub cost: NanoDollars,
    /// From the request to the end.
    pub latency: Duration,
    /// From the request to the first token.
    pub first_token: Option<Duration>,
    /// When.
    pub at: Timestamp,
}
