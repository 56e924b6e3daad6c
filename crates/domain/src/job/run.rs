//! A job from the inside: what a handler is given and how it ends.

use async_trait::async_trait;
use serde_json::Value;

use crate::identity::ProjectScope;
use crate::shared::{Classified, Fault, JobId, Timestamp};

use super::{Effect, EffectLedger, Items, JobKind, LogLevel};

/// One run of a job, as its handler sees it.
#[async_trait]
pub trait JobRun: Send + Sync {
    /// The job.
    fn id(&self) -> JobId;
    /// The job's right to its project.
    fn scope(&self) -> &ProjectScope;
    /// Which attempt this is, from 1.
    fn attempt(&self) -> i32;
    /// Reports progress (0 to 100 percent) and what is being done. Cheap to call often: writes are throttled.
    async fn progress(&self, percent: i32, step: &str);
    /// What was counted so far; a job with children begins with what they came to.
    fn items(&self) -> Items;
    /// Reports how many items are done, failed and there.
    fn count(&self, items: Items);
    /// Writes a line into the job's log. Cheap: lines are written in batches, and at most [`super::NewLogLine::MOST`] are kept.
    fn log(&self, level: LogLevel, message: &str);
    /// Opens an effect of this job; see [`super::once`], which most handlers want.
    async fn open_effect(&self, name: &str) -> Result<Effect, JobFailure>;
    /// Notes that an effect happened.
    async fn close_effect(&self, name: &str, result: &Value) -> Result<(), JobFailure>;
    /// The same through the ledger of a transaction: the effect is what that transaction writes, and both become true or neither does.
    async fn close_effect_in(&self, ledger: &dyn EffectLedger, name: &str, result: &Value) -> Result<(), JobFailure>;
    /// Whether the run should stop: cancelled, lease lost, or shutting down. Handlers check it between steps.
    fn is_cancelled(&self) -> bool;
    /// Resolves when the run should stop; race it against long awaits.
    async fn cancelled(&self);
}

/// Does one kind of job. A job runs at least once: whatever `perform` does must be safe to repeat, from the start, by another process.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind it does.
    fn kind(&self) -> JobKind;
    /// Does it, and answers what is kept as the job's result.
    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure>;
}

/// Why a run did not complete.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    /// Trying again later may help.
    #[error("{0}")]
    Retry(String),
    /// Trying again makes sense only from this moment on (a rate limit's reset).
    #[error("{reason}")]
    WaitUntil {
        /// For people.
        reason: String,
        /// Earliest next attempt.
        at: Timestamp,
    },
    /// Trying again will not help.
    #[error("{0}")]
    Fail(String),
    /// The run noticed that it should stop.
    #[error("cancelled")]
    Cancelled,
}

impl JobFailure {
    /// Sorts a context's error by its class: what is unavailable is retried, the rest fails.
    pub fn of<E: Classified>(err: &E) -> Self {
        match err.classify().0 {
            Fault::Unavailable | Fault::Upstream | Fault::UpstreamTimeout | Fault::Throttled | Fault::Internal => {
                Self::Retry(err.to_string())
            }
            Fault::Malformed
            | Fault::Invalid
            | Fault::Unauthenticated
            | Fault::Denied
            | Fault::NotFound
            | Fault::Gone
            | Fault::Conflict
            | Fault::Stale
            | Fault::TooLarge
            | Fault::Unsupported => Self::Fail(err.to_string()),
        }
    }
}
