//! The course of a call: target after target, attempt after attempt, each reserved before and settled after.

use std::time::Duration;

use commandcenter_domain::llm::{Admission, Call, CallError, CircuitState, Failure, FailureKind, NanoDollars, NewAttempt, Target, Verdict};
use tokio::time::Instant;

use super::LlmGateway;
use super::operation::{Broken, Line, Operation, Prepared};
use crate::attempt::{Attempt, circuit_key};
use crate::backoff::Place;
use crate::failure::failure;
use crate::metric;
use crate::round::Round;
use crate::tally::Tally;

/// What has happened so far.
struct Course {
    deadline: Instant,
    number: u32,
    spent: NanoDollars,
    last: Option<Failure>,
    /// Why the first target that could not be asked could not.
    unfit: Option<CallError>,
}

impl Course {
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Why there is no answer. A failure tells more than a target that was never asked.
    fn into_error(self) -> CallError {
        match (self.last, self.unfit) {
            (Some(failure), _) => CallError::Failed(failure),
            (None, Some(unfit)) => unfit,
            (None, None) => CallError::NotConfigured(String::new()),
        }
    }
}

impl LlmGateway {
    /// Runs a call; what comes back is its outcome and what all attempts cost together.
    pub(super) async fn run<O: Operation>(&self, call: &Call, operation: &O) -> Result<(O::Out, NanoDollars), CallError> {
        let deadline = Instant::now() + call.patience.total;
        let mut course = Course { deadline, number: 0, spent: NanoDollars::ZERO, last: None, unfit: None };
        for (at, target) in call.targets.iter().enumerate() {
            let prepared = match operation.prepare(target) {
                Ok(prepared) => prepared,
                Err(CallError::Failed(failure)) => {
                    course.last = Some(failure);
                    continue;
                }
                Err(unfit) => {
                    course.unfit.get_or_insert(unfit);
                    continue;
                }
            };
            let stop = Stop { call, target, has_next: at + 1 < call.targets.len() };
            if let Some(out) = self.at(stop, prepared, operation, &mut course).await? {
                return Ok((out, course.spent));
            }
        }
        Err(course.into_error())
    }

    /// Tries one target as often as makes sense; `None` when the next one is due.
    async fn at<O: Operation>(
        &self,
        stop: Stop<'_>,
        mut prepared: Prepared,
        operation: &O,
        course: &mut Course,
    ) -> Result<Option<O::Out>, CallError> {
        let rounds = stop.call.patience.attempts.max(1);
        let mut round = 1;
        loop {
            let broken = match self.attempt(stop, &prepared, operation, course).await? {
                Ok(out) => return Ok(Some(out)),
                Err(broken) => broken,
            };
            course.spent = course.spent.plus(broken.cost);
            let place = Place { round, rounds, has_next: stop.has_next, left: course.left() };
            let wait = self.backoff.wait(&broken.failure, place);
            // The provider's own words stay out of the log: they may quote the question.
            let Failure { alias, model, kind, status, .. } = &broken.failure;
            let is_repeated = wait.is_some() || broken.instead.is_some();
            tracing::warn!(provider = %alias, %model, %kind, status, round, is_repeated, "a model gave no answer");
            course.last = Some(broken.failure);
            match (broken.instead, wait) {
                (Some(instead), _) => prepared = *instead,
                (None, Some(wait)) => {
                    tokio::time::sleep(wait).await;
                    round += 1;
                }
                (None, None) => return Ok(None),
            }
        }
    }

    /// One attempt: admitted, reserved, made, settled. The outer error ends the call, the inner one this attempt.
    async fn attempt<O: Operation>(
        &self,
        stop: Stop<'_>,
        prepared: &Prepared,
        operation: &O,
        course: &mut Course,
    ) -> Result<Result<O::Out, Broken>, CallError> {
        let Stop { call, target, .. } = stop;
        let unmade = |failure| Ok(Err(Broken { failure, cost: NanoDollars::ZERO, instead: None }));
        if course.left().is_zero() {
            return unmade(failure(target, FailureKind::TotalTimeout, "the call took longer than it may"));
        }
        let key = circuit_key(target);
        match self.desk.circuits.admit(&key).await {
            Admission::Pass => {}
            Admission::Probe => metric::circuit(&target.alias, &target.model, CircuitState::HalfOpen),
            Admission::Refused { retry_after } => {
                let refused = failure(target, FailureKind::CircuitOpen, "it failed too often lately and is left alone for a while");
                return unmade(Failure { retry_after: Some(retry_after), ..refused });
            }
        }
        course.number += 1;
        let new = self.reservation(call, target, prepared, course.number);
        let attempt = match Attempt::begin(&self.desk, new, target, (O::NAME, Tally::new(prepared.guess))).await {
            Ok(attempt) => attempt,
            Err(err) => {
                self.desk.circuits.report(&key, Verdict::Unknown).await;
                return Err(err);
            }
        };
        let line = Line { transport: &self.transport, round: Round::now(target, &call.patience, course.deadline) };
        let performed = operation.perform(line, prepared, attempt).await;
        Ok(performed.map(|(out, cost)| {
            course.spent = course.spent.plus(cost);
            out
        }))
    }

    fn reservation(&self, call: &Call, target: &Target, prepared: &Prepared, number: u32) -> NewAttempt {
        NewAttempt {
            attribution: call.attribution.clone(),
            provider: target.provider,
            alias: target.alias.clone(),
            model: target.model.clone(),
            bound: prepared.bound,
            reserved: target.price.of(&prepared.bound),
            number,
            at: self.desk.clock.now(),
        }
    }
}

/// A target on the way.
#[derive(Clone, Copy)]
struct Stop<'a> {
    call: &'a Call,
    target: &'a Target,
    has_next: bool,
}
