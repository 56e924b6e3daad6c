//! The gateway as services see it, and the ledger as the gateway sees it.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    Attribution, CallError, Cause, ChatAnswer, ChatRequest, EmbeddingAnswer, EmbeddingRequest, NanoDollars, NewAttempt, Patience,
    Settlement, StreamEvent, Target,
};
use crate::identity::ProjectScope;
use crate::shared::{ApiKeyId, LlmAttemptId, StoreError};

/// One call: who pays, and the targets in the order in which they are tried.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who pays, and why it is made.
    pub attribution: Attribution,
    /// At least one; the others are fallbacks.
    pub targets: Vec<Target>,
    /// How long it waits, and how often it tries.
    pub patience: Patience,
}

/// A whole answer, with where it came from and what it cost.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub answer: ChatAnswer,
    /// The provider that gave it.
    pub alias: String,
    /// The row of the attempt that gave it.
    pub attempt: LlmAttemptId,
    /// What all attempts of the call cost together.
    pub cost: NanoDollars,
}

/// Vectors, with where they came from and what they cost.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The vectors.
    pub answer: EmbeddingAnswer,
    /// The provider that gave them.
    pub alias: String,
    /// What all attempts of the call cost together.
    pub cost: NanoDollars,
}

/// A stream whose first event is there, with where it comes from. Failover is over: what breaks from here on is told as it is.
pub struct OpenedStream {
    /// The provider.
    pub alias: String,
    /// The model.
    pub model: String,
    /// The row of the attempt.
    pub attempt: LlmAttemptId,
    /// The events.
    pub events: Box<dyn TokenStream>,
}

/// The events of an answer. Dropped before its last event, it stops the provider and settles what was used.
#[async_trait]
pub trait TokenStream: Send {
    /// The next event; `None` after the last.
    async fn next(&mut self) -> Option<StreamEvent>;
}

/// The one door to every model.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// A whole answer.
    ///
    /// # Errors
    /// [`CallError`]; each attempt has its row in the ledger all the same.
    async fn chat(&self, call: &Call, request: &ChatRequest) -> Result<Answered, CallError>;
    /// An answer as it comes. Until its first event the next target is tried when one fails.
    ///
    /// # Errors
    /// As for [`Gateway::chat`], until the first event.
    async fn stream(&self, call: &Call, request: &ChatRequest) -> Result<OpenedStream, CallError>;
    /// Texts as vectors.
    ///
    /// # Errors
    /// As for [`Gateway::chat`]. A fallback must be the same model elsewhere: vectors of two models do not mix.
    async fn embed(&self, call: &Call, request: &EmbeddingRequest) -> Result<Embedded, CallError>;
}

/// Why a feature asks a model, and in which role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose<'a> {
    /// The role, such as `answer`: the project says which model plays it.
    pub role: &'a str,
    /// What it is for.
    pub cause: Cause,
    /// Which job, debate or task.
    pub cause_id: Option<&'a str>,
    /// The key that the request came with: its budgets count too.
    pub api_key: Option<ApiKeyId>,
}

/// Models as the product's features ask them: by role, paid by whoever acts in the project.
#[async_trait]
pub trait FeatureModels: Send + Sync {
    /// A whole answer.
    ///
    /// # Errors
    /// As for [`Gateway::chat`], and [`CallError::NotConfigured`] when no model plays the role.
    async fn chat(&self, scope: &ProjectScope, purpose: &Purpose<'_>, request: &ChatRequest) -> Result<Answered, CallError>;
    /// An answer as it comes.
    ///
    /// # Errors
    /// As for [`Gateway::stream`], and [`CallError::NotConfigured`] when no model plays the role.
    async fn stream(&self, scope: &ProjectScope, purpose: &Purpose<'_>, request: &ChatRequest) -> Result<OpenedStream, CallError>;
}

/// Is told how long a call waited for providers, so that the rest of its time is known to be ours.
pub trait Waits: Send + Sync {
    /// Such a wait was this long. Told by the task that waited.
    fn waited(&self, time: Duration);
}

impl Waits for () {
    fn waited(&self, _: Duration) {}
}

/// Attempts and the budgets they count against. One attempt is reserved before and settled after; what is reserved counts as spent.
#[async_trait]
pub trait AttemptLedger: Send + Sync {
    /// Takes the upper bound from every budget it counts against, all or none, and writes the attempt's row.
    ///
    /// # Errors
    /// [`CallError::BudgetExhausted`] when a hard budget cannot bear it, [`CallError::Store`] when storage is away.
    async fn reserve(&self, attempt: &NewAttempt) -> Result<LlmAttemptId, CallError>;
    /// Writes how an attempt ended and gives back what was not used. Settling twice changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when storage is away; the reservation stays until it is settled or swept.
    async fn settle(&self, id: LlmAttemptId, settlement: &Settlement) -> Result<(), StoreError>;
}
