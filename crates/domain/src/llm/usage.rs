//! The ledger as readers see it: its rows, and sums of them.

use super::{Cause, FailureKind, NanoDollars, Outcome};
use crate::shared::{ApiKeyId, LlmAttemptId, ProviderId, Timestamp, UserId};
use crate::text_enum;

/// One attempt at a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its id.
    pub id: LlmAttemptId,
    /// The provider's row; the provider may be gone.
    pub provider_id: ProviderId,
    /// The provider's alias.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The account behind it.
    pub user: Option<UserId>,
    /// The key it came with.
    pub api_key: Option<ApiKeyId>,
    /// The role it was made in.
    pub role: Option<String>,
    /// What it was made for.
    pub cause: Cause,
    /// Which job, debate or task.
    pub cause_id: Option<String>,
    /// Which attempt of its call, from 1.
    pub number: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens sent that the provider had in its cache.
    pub cached_tokens: u64,
    /// Tokens answered.
    pub output_tokens: u64,
    /// Whether the gateway counted the tokens.
    pub estimated: bool,
    /// What it cost; nothing yet while it is open.
    pub cost: NanoDollars,
    /// The most that it could cost.
    pub reserved: NanoDollars,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not end well.
    pub failure: Option<FailureKind>,
    /// From the request to the end, in milliseconds.
    pub latency_ms: Option<u64>,
    /// From the request to the first token, in milliseconds.
    pub first_token_ms: Option<u64>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Which rows are wanted. Conditions combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// In this role.
    pub role: Option<String>,
    /// For this cause.
    pub cause: Option<Cause>,
    /// For this job, debate or task.
    pub cause_id: Option<String>,
    /// Of this account.
    pub user: Option<UserId>,
    /// With this key.
    pub api_key: Option<ApiKeyId>,
    /// Ended like this.
    pub outcome: Option<Outcome>,
    /// Begun at or after this moment.
    pub since: Option<Timestamp>,
    /// Begun before this moment.
    pub until: Option<Timestamp>,
}

text_enum! {
    /// What rows are summed by.
    GroupBy {
        /// The day they began, in UTC.
        Day = "day",
        /// The provider.
        Provider = "provider",
        /// The model.
        Model = "model",
        /// The role.
        Role = "role",
        /// What they were made for.
        Cause = "cause",
        /// The API key.
        ApiKey = "api_key",
        /// The account.
        User = "user",
    }
}

/// The sum of the rows that have one value in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The value, as text; `None` for rows without one.
    pub key: Option<String>,
    /// How many attempts.
    pub attempts: u64,
    /// How many of them gave no whole answer.
    pub unsuccessful: u64,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens sent that providers had in their caches.
    pub cached_tokens: u64,
    /// Tokens answered.
    pub output_tokens: u64,
    /// How many rows hold tokens that the gateway counted.
    pub estimated: u64,
    /// What they cost together.
    pub cost: NanoDollars,
}
