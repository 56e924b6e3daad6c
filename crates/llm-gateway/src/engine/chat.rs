//! Whole answers.

use async_trait::async_trait;
use commandcenter_domain::llm::{Answered, CallError, ChatAnswer, ChatRequest, Failure, FailureKind, NanoDollars, Outcome, Part, Target};
use tracing::Instrument;

use super::operation::{Broken, Line, Operation, Prepared, prepare_chat};
use crate::attempt::Attempt;
use crate::dialect::{Delivery, WholeAnswer, wire};
use crate::failure::failure;
use crate::form::{Form, asked_again, is_call_the_answer, unwrapped};
use crate::tokens::arguments;
use crate::transport::{Ready, whole};

/// A question whose answer is wanted in one piece.
pub(super) struct Chat<'a> {
    pub(super) request: &'a ChatRequest,
    pub(super) form: Form,
}

#[async_trait]
impl Operation for Chat<'_> {
    const NAME: &'static str = "chat";
    type Out = Answered;

    fn prepare(&self, target: &Target) -> Result<Prepared, CallError> {
        prepare_chat(target, self.request, Delivery::Whole)
    }

    async fn perform(&self, on: Line<'_>, prepared: &Prepared, mut attempt: Attempt) -> Result<(Answered, NanoDollars), Broken> {
        let target = on.round.target;
        let span = attempt.span();
        let read = |body: &[u8]| wire(target.dialect).read(body).map_err(|err| failure(target, err.kind, err.detail));
        let answer = match exchange(on, &prepared.ready, &mut attempt).instrument(span).await.and_then(|body| read(&body)) {
            Ok(answer) => answer,
            Err(failure) => return Err(broken(&mut attempt, failure).await),
        };
        count(&mut attempt, &answer);
        let answer = ChatAnswer {
            model: answer.model.unwrap_or_else(|| target.model.clone()),
            parts: answer.parts,
            stop: answer.stop,
            usage: attempt.tally.whole(),
        };
        let answer = if is_call_the_answer(self.request) { unwrapped(answer) } else { answer };
        match self.form.apply(answer) {
            Ok(answer) => {
                let id = attempt.id();
                let mut closed = attempt.close(Outcome::Complete, None);
                closed.written().await;
                Ok((Answered { answer, alias: target.alias.clone(), attempt: id, cost: closed.cost }, closed.cost))
            }
            Err((answer, complaint)) => {
                let mismatch = failure(target, FailureKind::SchemaMismatch, &complaint);
                let instead = self.once_more(target, prepared, &answer, &complaint);
                Err(Broken { instead, ..broken(&mut attempt, mismatch).await })
            }
        }
    }
}

impl Chat<'_> {
    /// The question once more, with what was wrong; only once.
    fn once_more(&self, target: &Target, prepared: &Prepared, answer: &ChatAnswer, complaint: &str) -> Option<Box<Prepared>> {
        if prepared.is_second {
            return None;
        }
        let again = asked_again(self.request, answer, complaint);
        let prepared = prepare_chat(target, &again, Delivery::Whole).ok()?;
        Some(Box::new(Prepared { is_second: true, ..prepared }))
    }
}

/// Sends a request and reads the whole answer to it.
pub(super) async fn exchange(on: Line<'_>, ready: &Ready, attempt: &mut Attempt) -> Result<Vec<u8>, Failure> {
    let target = on.round.target;
    attempt.tally.is_in_hand = true;
    let answered = attempt.waiting(on.round.in_time(on.transport.send(target, on.round.patience.connect, ready))).await;
    let response = answered.inspect_err(|failure| attempt.tally.is_in_hand = is_in_hand(failure.kind))?;
    attempt.waiting(on.round.in_time(whole(response, target))).await
}

/// Whether a provider that sent no head of an answer may bill the request: when it was us who stopped waiting.
pub(super) const fn is_in_hand(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::FirstTokenTimeout | FailureKind::TotalTimeout)
}

/// Closes a failed attempt.
pub(super) async fn broken(attempt: &mut Attempt, failure: Failure) -> Broken {
    let mut closed = attempt.close(Outcome::Failed, Some(failure.kind));
    closed.written().await;
    Broken { failure, cost: closed.cost, instead: None }
}

fn count(attempt: &mut Attempt, answer: &WholeAnswer) {
    attempt.note_first_token();
    attempt.tally.reported.replace(answer.reported);
    for part in &answer.parts {
        match part {
            Part::Text { text } => attempt.tally.came.add(text),
            Part::Call(call) => {
                attempt.tally.came.add(&call.name);
                attempt.tally.came.add(&arguments(&call.arguments));
            }
            Part::Result(_) => {}
        }
    }
}
