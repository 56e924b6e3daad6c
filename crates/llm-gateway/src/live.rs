//! A streamed answer on its way to the caller. It ends with one last event, and that event tells the truth: an answer is whole when the
//! provider said so, and broken off in every other case.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::llm::{ChatRequest, Failure, FailureKind, Incomplete, Outcome, StopReason, StreamEvent, Target, TokenStream};
use commandcenter_domain::shared::LlmAttemptId;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::attempt::{Attempt, Closed};
use crate::dialect::{Piece, StreamReader, wire};
use crate::events::{Events, Next};
use crate::failure::failure;
use crate::form::{Form, is_call_the_answer, unwrapped_stop};
use crate::round::Round;

/// The answer as it comes.
pub(crate) struct Live {
    target: Target,
    events: Events,
    reader: Box<dyn StreamReader>,
    attempt: Attempt,
    between: Duration,
    deadline: Instant,
    /// When the next piece must be there.
    due: Instant,
    ready: VecDeque<StreamEvent>,
    stop: Option<StopReason>,
    has_begun: bool,
    has_calls: bool,
    /// Whether arguments of a call are text of the answer.
    is_call_the_answer: bool,
    /// A form to check at the end, with what was said so far.
    form: Option<(Form, String)>,
    closed: Option<Closed>,
}

impl Live {
    /// A stream whose head came; its first event is still to be awaited.
    pub(crate) fn new(events: Events, attempt: Attempt, round: &Round<'_>, request: &ChatRequest) -> Self {
        // The schema was judged before the call; a form that cannot be made is not checked.
        let form = Form::of(&request.output).unwrap_or(Form::Free);
        Self {
            target: round.target.clone(),
            events,
            reader: wire(round.target.dialect).stream(),
            attempt,
            between: round.patience.between_tokens,
            deadline: round.deadline,
            due: round.first_by,
            ready: VecDeque::new(),
            stop: None,
            has_begun: false,
            has_calls: false,
            is_call_the_answer: is_call_the_answer(request),
            form: (!form.is_free()).then(|| (form, String::new())),
            closed: None,
        }
    }

    /// The row of its attempt.
    pub(crate) const fn id(&self) -> LlmAttemptId {
        self.attempt.id()
    }

    /// Waits for the first event.
    ///
    /// # Errors
    /// The failure when none came; the attempt is for the caller to close then.
    pub(crate) async fn begin(&mut self) -> Result<(), Failure> {
        while self.ready.is_empty() {
            if self.advance().await? {
                self.conclude();
            }
        }
        Ok(())
    }

    /// Gives the attempt up before its first event.
    pub(crate) fn fail(mut self, kind: FailureKind) -> Closed {
        self.events.abandon();
        self.attempt.close(Outcome::Failed, Some(kind))
    }

    /// Takes the next frame; `true` when the answer is whole.
    async fn advance(&mut self) -> Result<bool, Failure> {
        let by = self.due.min(self.deadline);
        let Ok(next) = self.attempt.waiting(timeout_at(by, self.events.next(&self.target))).await else {
            return Err(self.late());
        };
        match next? {
            Next::Comment => Ok(false),
            Next::Data(data) => {
                let pieces = self.reader.read(&data).map_err(|err| failure(&self.target, err.kind, err.detail))?;
                // That the server is there is no progress of the answer; thinking, which has no pieces, is.
                if self.has_begun && pieces != [Piece::Ping] {
                    self.due = Instant::now() + self.between;
                }
                let mut is_whole = false;
                for piece in pieces {
                    is_whole |= self.take(piece);
                }
                // A server between us and the model may end a stream in form that broke off behind it.
                if is_whole && self.stop.is_none() {
                    return Err(failure(&self.target, FailureKind::Cut, "the stream ended without the reason why the model stopped"));
                }
                Ok(is_whole)
            }
            Next::End if self.stop.is_some() && self.reader.ends_with_the_connection() => Ok(true),
            Next::End => Err(failure(&self.target, FailureKind::Cut, "the connection ended before the answer did")),
        }
    }

    /// Which patience ran out.
    fn late(&self) -> Failure {
        let (kind, detail) = match (self.deadline <= self.due, self.has_begun) {
            (true, _) => (FailureKind::TotalTimeout, "the call took longer than it may"),
            (false, true) => (FailureKind::Stalled, "the provider fell silent"),
            (false, false) => (FailureKind::FirstTokenTimeout, "no token came in time"),
        };
        failure(&self.target, kind, detail)
    }

    /// Takes a piece; `true` for the provider's last word.
    fn take(&mut self, piece: Piece) -> bool {
        match piece {
            Piece::Text(text) => self.say(text),
            Piece::CallArguments { piece, .. } if self.is_call_the_answer => self.say(piece),
            Piece::CallStart { .. } if self.is_call_the_answer => {}
            Piece::CallStart { index, id, name } => {
                self.has_calls = true;
                self.attempt.tally.came.add(&name);
                self.give(StreamEvent::CallStart { index, id, name });
            }
            Piece::CallArguments { index, piece } => {
                self.attempt.tally.came.add(&piece);
                self.give(StreamEvent::CallArguments { index, piece });
            }
            Piece::Usage(reported) => self.attempt.tally.reported.replace(reported),
            Piece::Stop(stop) if self.is_call_the_answer => self.stop = Some(unwrapped_stop(stop)),
            Piece::Stop(stop) => self.stop = Some(stop),
            Piece::End => return true,
            Piece::Ping => {}
        }
        false
    }

    fn say(&mut self, text: String) {
        self.attempt.tally.came.add(&text);
        if let Some((_, said)) = &mut self.form {
            said.push_str(&text);
        }
        self.give(StreamEvent::Text { text });
    }

    fn give(&mut self, event: StreamEvent) {
        if !self.has_begun {
            self.has_begun = true;
            self.due = Instant::now() + self.between;
            self.attempt.note_first_token();
        }
        self.ready.push_back(event);
    }

    /// The provider said that the answer is whole.
    fn conclude(&mut self) {
        self.events.finish();
        let stop = match self.stop.unwrap_or(StopReason::End) {
            StopReason::End if self.has_calls => StopReason::ToolCalls,
            stop => stop,
        };
        let has_form = !matches!(stop, StopReason::ToolCalls | StopReason::Filtered);
        let complaint = self.form.as_ref().filter(|_| has_form).and_then(|(form, said)| form.check(said).err());
        if let Some(complaint) = complaint {
            return self.break_off(failure(&self.target, FailureKind::SchemaMismatch, complaint));
        }
        let closed = self.attempt.close(Outcome::Complete, None);
        self.ready.push_back(StreamEvent::Done { stop, usage: closed.usage, cost: closed.cost });
        self.closed = Some(closed);
    }

    /// The answer broke off after its first event.
    fn break_off(&mut self, failure: Failure) {
        self.events.abandon();
        let closed = self.attempt.close(Outcome::Incomplete, Some(failure.kind));
        let incomplete = Incomplete { cause: failure.kind, detail: failure.detail, usage: closed.usage, cost: closed.cost };
        self.ready.push_back(StreamEvent::Incomplete(incomplete));
        self.closed = Some(closed);
    }
}

#[async_trait]
impl TokenStream for Live {
    async fn next(&mut self) -> Option<StreamEvent> {
        let span = self.attempt.span();
        async {
            while self.ready.is_empty() && self.closed.is_none() {
                match self.advance().await {
                    Ok(true) => self.conclude(),
                    Ok(false) => {}
                    Err(failure) => self.break_off(failure),
                }
            }
            // The last event is given once the ledger has the attempt, so that who has seen it finds the row settled.
            if self.ready.len() == 1
                && let Some(closed) = &mut self.closed
            {
                closed.written().await;
            }
            self.ready.pop_front()
        }
        .instrument(span)
        .await
    }
}
