//! Answers as they come.

use async_trait::async_trait;
use commandcenter_domain::llm::{CallError, ChatRequest, Failure, NanoDollars, OpenedStream, Target};
use tracing::Instrument;

use super::chat::{broken, is_in_hand};
use super::operation::{Broken, Line, Operation, Prepared, prepare_chat};
use crate::attempt::Attempt;
use crate::dialect::Delivery;
use crate::events::Events;
use crate::live::Live;
use crate::transport::Ready;

/// A question whose answer is wanted as it comes.
pub(super) struct Streamed<'a> {
    pub(super) request: &'a ChatRequest,
}

#[async_trait]
impl Operation for Streamed<'_> {
    const NAME: &'static str = "chat";
    type Out = OpenedStream;

    fn prepare(&self, target: &Target) -> Result<Prepared, CallError> {
        prepare_chat(target, self.request, Delivery::Streamed)
    }

    async fn perform(&self, on: Line<'_>, prepared: &Prepared, mut attempt: Attempt) -> Result<(OpenedStream, NanoDollars), Broken> {
        let target = on.round.target;
        let span = attempt.span();
        let events = match open(on, &prepared.ready, &mut attempt).instrument(span.clone()).await {
            Ok(events) => events,
            Err(failure) => return Err(broken(&mut attempt, failure).await),
        };
        let mut live = Live::new(events, attempt, &on.round, self.request);
        match live.begin().instrument(span).await {
            Ok(()) => {
                let opened =
                    OpenedStream { alias: target.alias.clone(), model: target.model.clone(), attempt: live.id(), events: Box::new(live) };
                Ok((opened, NanoDollars::ZERO))
            }
            Err(failure) => {
                let mut closed = live.fail(failure.kind);
                closed.written().await;
                Err(Broken { failure, cost: closed.cost, instead: None })
            }
        }
    }
}

/// Sends a request and reads the head of the answer.
async fn open(on: Line<'_>, ready: &Ready, attempt: &mut Attempt) -> Result<Events, Failure> {
    let target = on.round.target;
    attempt.tally.is_in_hand = true;
    let answered = attempt.waiting(on.round.in_time(on.transport.send(target, on.round.patience.connect, ready))).await;
    let response = answered.inspect_err(|failure| attempt.tally.is_in_hand = is_in_hand(failure.kind))?;
    Events::of(response, target)
}
