//! An attempt from its reservation to its settlement. Whatever happens in between, also that the caller goes away, it is settled once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::Clock;
use commandcenter_domain::llm::{
    AttemptLedger, CallError, CircuitKey, Circuits, FailureKind, NanoDollars, NewAttempt, Outcome, Price, Settlement, Target, Usage,
    Verdict, Waits,
};
use commandcenter_domain::shared::{LlmAttemptId, StoreError};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::metric;
use crate::tally::Tally;

/// How long a ledger that is away is left alone before a settlement is tried again. After the last the row stays open, for the sweep.
const SETTLE_AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// What attempts are written with.
pub(crate) struct Desk {
    pub(crate) ledger: Arc<dyn AttemptLedger>,
    pub(crate) circuits: Arc<dyn Circuits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) waits: Arc<dyn Waits>,
}

/// An attempt under way. Dropped before it is closed, it settles as cancelled.
pub(crate) struct Attempt {
    desk: Arc<Desk>,
    id: LlmAttemptId,
    alias: String,
    circuit: CircuitKey,
    price: Price,
    started: Instant,
    first_token: Option<Duration>,
    span: Span,
    is_closed: bool,
    pub(crate) tally: Tally,
}

/// An attempt that has ended, with its settlement on the way.
pub(crate) struct Closed {
    pub(crate) usage: Usage,
    pub(crate) cost: NanoDollars,
    writing: Option<JoinHandle<()>>,
}

impl Closed {
    /// Waits until the ledger has it, or refused it once; who stops waiting does not stop the writing.
    pub(crate) async fn written(&mut self) {
        if let Some(writing) = self.writing.take()
            && let Err(err) = writing.await
        {
            tracing::error!(error = %err, "the settlement of an attempt was not written");
        }
    }
}

/// The key of a target's circuit.
pub(crate) fn circuit_key(target: &Target) -> CircuitKey {
    CircuitKey { provider: target.provider, model: target.model.clone() }
}

impl Attempt {
    /// Reserves. The reservation runs by itself: a caller that goes away meanwhile leaves no row open.
    ///
    /// # Errors
    /// As [`AttemptLedger::reserve`].
    pub(crate) async fn begin(
        desk: &Arc<Desk>,
        new: NewAttempt,
        target: &Target,
        (operation, tally): (&'static str, Tally),
    ) -> Result<Self, CallError> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let (desk, price, circuit, span) = (desk.clone(), target.price, circuit_key(target), span(&new, operation));
        let reserving = async move {
            let alias = new.alias.clone();
            let reserved = desk.ledger.reserve(&new).await;
            let begun = reserved.map(|id| Self {
                desk,
                id,
                alias,
                circuit,
                price,
                started: Instant::now(),
                first_token: None,
                span,
                is_closed: false,
                tally,
            });
            // With nobody there to take it, the attempt is dropped here and settles itself.
            drop(answer.send(begun));
        };
        tokio::spawn(reserving.in_current_span());
        answered.await.unwrap_or_else(|_| Err(CallError::Store(StoreError::Broken("a reservation ended without an answer".into()))))
    }

    /// The row.
    pub(crate) const fn id(&self) -> LlmAttemptId {
        self.id
    }

    /// The span that its work belongs to.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Waits for the provider, and takes note of how long.
    pub(crate) async fn waiting<T>(&self, work: impl Future<Output = T>) -> T {
        let asked = Instant::now();
        let done = work.await;
        self.desk.waits.waited(asked.elapsed());
        done
    }

    /// Takes note of the first token, once.
    pub(crate) fn note_first_token(&mut self) {
        if self.first_token.is_none() {
            let after = self.started.elapsed();
            self.first_token = Some(after);
            metric::first_token(&self.alias, &self.circuit.model, after);
        }
    }

    /// Ends it: what it took is counted and its settlement is sent off.
    pub(crate) fn close(&mut self, outcome: Outcome, failure: Option<FailureKind>) -> Closed {
        self.is_closed = true;
        if failure.is_some_and(is_unbilled) {
            self.tally.is_in_hand = false;
        }
        let usage = if outcome == Outcome::Complete { self.tally.whole() } else { self.tally.partial() };
        let cost = self.price.of(&usage);
        let latency = self.started.elapsed();
        metric::attempt(&self.alias, &self.circuit.model, outcome, latency);
        metric::spent(&self.alias, &usage, cost);
        self.span.record("gen_ai.usage.input_tokens", usage.input_tokens).record("gen_ai.usage.output_tokens", usage.output_tokens);
        self.span.record("llm.outcome", outcome.as_str());
        if let Some(failure) = failure {
            self.span.record("error.type", failure.as_str());
        }
        let at = self.desk.clock.now();
        let settlement = Settlement { outcome, failure, usage, cost, latency, first_token: self.first_token, at };
        let (desk, id, alias, circuit) = (self.desk.clone(), self.id, self.alias.clone(), self.circuit.clone());
        let writing = async move {
            let state = desk.circuits.report(&circuit, verdict(outcome, failure)).await;
            metric::circuit(&alias, &circuit.model, state);
            settle(desk.ledger.clone(), id, settlement).await;
        };
        // Without a runtime the process is on its way out; the row stays open and is swept.
        let writing = Handle::try_current().ok().map(|runtime| runtime.spawn(writing.instrument(self.span.clone())));
        Closed { usage, cost, writing }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.is_closed {
            drop(self.close(Outcome::Cancelled, Some(FailureKind::Cancelled)));
        }
    }
}

/// The span of an attempt, with OpenTelemetry's attributes for generative AI. What is asked and answered stays out of it.
fn span(new: &NewAttempt, operation: &'static str) -> Span {
    tracing::info_span!(
        "llm.attempt",
        otel.kind = "client",
        "error.type" = tracing::field::Empty,
        gen_ai.operation.name = operation,
        gen_ai.provider.name = new.alias,
        gen_ai.request.model = new.model,
        gen_ai.usage.input_tokens = tracing::field::Empty,
        gen_ai.usage.output_tokens = tracing::field::Empty,
        llm.attempt = new.number,
        llm.cause = new.attribution.cause.as_str(),
        llm.outcome = tracing::field::Empty,
        project.id = new.attribution.project.get(),
    )
}

/// What an attempt's end says of the model's health.
fn verdict(outcome: Outcome, failure: Option<FailureKind>) -> Verdict {
    match failure {
        None if outcome == Outcome::Complete => Verdict::Good,
        Some(
            FailureKind::Connect
            | FailureKind::FirstTokenTimeout
            | FailureKind::Stalled
            | FailureKind::Cut
            | FailureKind::Malformed
            | FailureKind::Upstream,
        ) => Verdict::Bad,
        Some(FailureKind::Throttled | FailureKind::RejectedKey | FailureKind::Refused | FailureKind::SchemaMismatch) => Verdict::Good,
        // The call's time may have gone elsewhere.
        None | Some(FailureKind::TotalTimeout | FailureKind::CircuitOpen | FailureKind::Cancelled) => Verdict::Unknown,
    }
}

/// What no provider bills, unless it had begun to answer.
const fn is_unbilled(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Connect | FailureKind::Throttled | FailureKind::Upstream | FailureKind::RejectedKey | FailureKind::Refused)
}

async fn settle(ledger: Arc<dyn AttemptLedger>, id: LlmAttemptId, settlement: Settlement) {
    let Err(err) = ledger.settle(id, &settlement).await else { return };
    tracing::warn!(attempt.id = %id, error = %err, "an attempt could not be settled; it is tried again");
    // Nobody waits for this.
    tokio::spawn(async move {
        for pause in SETTLE_AGAIN {
            tokio::time::sleep(pause).await;
            match ledger.settle(id, &settlement).await {
                Ok(()) => return,
                Err(err) => tracing::error!(attempt.id = %id, error = %err, "an attempt could not be settled"),
            }
        }
    });
}
