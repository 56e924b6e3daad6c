//! What becomes of a run: the rules of retry and backoff. Randomness is an argument.

use chrono::TimeDelta;
use serde_json::Value;

use crate::shared::Timestamp;

use super::{AttemptOutcome, Job, JobFailure};

const OVER_LIMIT: &str = "the run took longer than its kind may and was abandoned";
const OVER_SOFT_LIMIT: &str = "the run took longer than its kind should and was stopped";

/// How long a job waits between attempts: exponential backoff with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Upper bound of the wait after the first attempt; doubles with each further one.
    pub base: TimeDelta,
    /// Upper bound of any wait.
    pub cap: TimeDelta,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { base: TimeDelta::seconds(2), cap: TimeDelta::minutes(10) }
    }
}

impl RetryPolicy {
    /// The wait after the given attempt (from 1), for `chance` drawn evenly from 0 to 1: anywhere between nothing and the bound, so
    /// that jobs which failed together do not come back together.
    #[must_use]
    pub fn delay(&self, attempt: i32, chance: f64) -> TimeDelta {
        let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(40);
        let cap = self.cap.num_milliseconds().max(1);
        let bound = self.base.num_milliseconds().max(1).saturating_mul(1_i64 << doublings).min(cap);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "milliseconds of a bounded wait, and it is random anyway"
        )]
        let delay = (bound as f64 * chance.clamp(0.0, 1.0)) as i64;
        TimeDelta::milliseconds(delay)
    }
}

/// Why a run was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for the job to be cancelled.
    Requested,
    /// It ran longer than its kind may.
    SoftLimit,
    /// The worker shuts down.
    Shutdown,
    /// The lease is lost: the job is no longer this run's to write.
    LeaseLost,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It succeeded with this result.
    Completed(Value),
    /// It failed and another run would not mend it.
    Failed(Trouble),
    /// It failed; the next attempt comes at this moment.
    Retry(Trouble, Timestamp),
    /// It failed on its last attempt.
    Dead(Trouble),
    /// It asked to go on later. Does not count as an attempt.
    Wait(Trouble, Timestamp),
    /// It stopped on request.
    Cancelled,
    /// Its worker hands it back. Does not count as an attempt.
    Released(Timestamp),
}

/// What went wrong, for people, and its class, for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One or a few sentences. Never a secret.
    pub text: String,
    /// `retry`, `wait`, `fail`, `panic`, `timeout` or `lease_lost`.
    pub class: &'static str,
}

/// What a run came to, as the engine saw it.
#[derive(Debug)]
pub enum Outcome {
    /// The handler returned.
    Returned(Result<Value, JobFailure>),
    /// The handler panicked; the text is the panic's message.
    Panicked(String),
    /// The handler did not return in time after it was told to stop, and was dropped.
    Abandoned,
    /// The run reached its hard limit and was dropped.
    OverLimit,
}

/// What the rules look at besides the outcome.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// The present.
    pub now: Timestamp,
    /// Drawn evenly from 0 to 1.
    pub chance: f64,
    /// Why the run was told to stop, if it was.
    pub stopped: Option<StopReason>,
    /// The waits between attempts.
    pub policy: RetryPolicy,
}

impl Ending {
    /// The ending that an outcome makes; `None` when the lease is lost and nothing may be written.
    #[must_use]
    pub fn of(job: &Job, outcome: Outcome, seen: &Circumstances) -> Option<Self> {
        if seen.stopped == Some(StopReason::LeaseLost) {
            return None;
        }
        let failure = match outcome {
            // Work that is done is done, even when somebody asked in between to stop it.
            Outcome::Returned(Ok(result)) => return Some(Self::Completed(result)),
            Outcome::Returned(Err(failure)) => failure,
            Outcome::Panicked(text) => return Some(Self::stopped_or(seen, || Self::again(job, Trouble::new(text, "panic"), seen))),
            Outcome::Abandoned => JobFailure::Cancelled,
            Outcome::OverLimit => return Some(Self::stopped_or(seen, || Self::Failed(Trouble::new(OVER_LIMIT, "timeout")))),
        };
        Some(Self::stopped_or(seen, || Self::of_failure(job, failure, seen)))
    }

    /// A request to cancel wins over any failure; the handler's own word decides otherwise.
    fn stopped_or(seen: &Circumstances, otherwise: impl FnOnce() -> Self) -> Self {
        if seen.stopped == Some(StopReason::Requested) { Self::Cancelled } else { otherwise() }
    }

    fn of_failure(job: &Job, failure: JobFailure, seen: &Circumstances) -> Self {
        match failure {
            JobFailure::Cancelled if seen.stopped == Some(StopReason::SoftLimit) => {
                Self::again(job, Trouble::new(OVER_SOFT_LIMIT, "timeout"), seen)
            }
            JobFailure::Retry(text) => Self::again(job, Trouble::new(text, "retry"), seen),
            JobFailure::WaitUntil { reason, at } => Self::Wait(Trouble::new(reason, "wait"), at.max(seen.now + TimeDelta::seconds(1))),
            JobFailure::Fail(text) => Self::Failed(Trouble::new(text, "fail")),
            JobFailure::Cancelled if seen.stopped == Some(StopReason::Shutdown) => Self::Released(seen.now),
            JobFailure::Cancelled => Self::again(job, Trouble::new("the run stopped without being asked to", "retry"), seen),
        }
    }

    /// How the attempt ended, and with what trouble.
    #[must_use]
    pub const fn outcome(&self) -> (AttemptOutcome, Option<&Trouble>) {
        match self {
            Self::Completed(_) => (AttemptOutcome::Completed, None),
            Self::Failed(trouble) => (AttemptOutcome::Failed, Some(trouble)),
            Self::Retry(trouble, _) => (AttemptOutcome::Retry, Some(trouble)),
            Self::Dead(trouble) => (AttemptOutcome::Dead, Some(trouble)),
            Self::Wait(trouble, _) => (AttemptOutcome::Wait, Some(trouble)),
            Self::Cancelled => (AttemptOutcome::Cancelled, None),
            Self::Released(_) => (AttemptOutcome::Released, None),
        }
    }

    fn again(job: &Job, trouble: Trouble, seen: &Circumstances) -> Self {
        if job.attempt >= job.max_attempts {
            return Self::Dead(trouble);
        }
        Self::Retry(trouble, seen.now + seen.policy.delay(job.attempt, seen.chance))
    }
}

impl Trouble {
    /// Longest text kept, in characters.
    const MAX: usize = 4000;

    /// Trouble with a text of a bearable length that any database can store.
    #[must_use]
    pub fn new(text: impl Into<String>, class: &'static str) -> Self {
        let text: String = text.into().chars().filter(|c| *c != '\0').take(Self::MAX).collect();
        Self { text, class }
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
