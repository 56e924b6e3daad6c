//! What differs between the kinds of calls.

use async_trait::async_trait;
use commandcenter_domain::llm::{CallError, ChatRequest, Failure, NanoDollars, Target, Usage};

use crate::attempt::Attempt;
use crate::dialect::{Asked, Delivery, wire};
use crate::round::Round;
use crate::tokens;
use crate::transport::{Ready, Transport};

/// A request for one target, with what it may take.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) ready: Ready,
    /// The guess for its tokens.
    pub(super) guess: u64,
    /// The most that it can take.
    pub(super) bound: Usage,
    /// Whether it asks once more because an answer did not have its form.
    pub(super) is_second: bool,
}

/// An attempt that gave nothing, settled.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// What it cost all the same.
    pub(super) cost: NanoDollars,
    /// What to ask at once, of the same target, instead of waiting.
    pub(super) instead: Option<Box<Prepared>>,
}

/// One kind of call.
#[async_trait]
pub(super) trait Operation: Send + Sync {
    /// What OpenTelemetry calls it.
    const NAME: &'static str;
    /// What it gives.
    type Out: Send;

    /// Writes the request for a target.
    ///
    /// # Errors
    /// Why this target cannot be asked.
    fn prepare(&self, target: &Target) -> Result<Prepared, CallError>;

    /// Makes an attempt and closes it, or hands it on within the outcome, with its cost so far.
    ///
    /// # Errors
    /// [`Broken`] when it gave nothing.
    async fn perform(&self, on: Line<'_>, prepared: &Prepared, attempt: Attempt) -> Result<(Self::Out, NanoDollars), Broken>;
}

/// The line to a target.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) transport: &'a Transport,
    pub(super) round: Round<'a>,
}

/// Writes a chat request for a target.
///
/// # Errors
/// [`CallError::ContextTooLong`] when the target cannot hold it.
pub(super) fn prepare_chat(target: &Target, request: &ChatRequest, delivery: Delivery) -> Result<Prepared, CallError> {
    let guess = tokens::of_request(request);
    let max_tokens = room(target, guess, request.sampling.max_tokens)?;
    let outgoing = wire(target.dialect).chat(&Asked { target, request, max_tokens, delivery });
    let ready = Ready::new(outgoing);
    let input_tokens = tokens::bound(ready.body.len(), request);
    let bound = Usage { input_tokens, cached_tokens: 0, output_tokens: max_tokens, estimated: true };
    Ok(Prepared { ready, guess, bound, is_second: false })
}

/// The most tokens that the answer may have. What the caller asks for must fit; what is not asked for is what fits.
fn room(target: &Target, guess: u64, asked: Option<u64>) -> Result<u64, CallError> {
    let window = target.context_window;
    let needed = guess.saturating_add(asked.unwrap_or(1));
    if needed > window {
        return Err(CallError::ContextTooLong { needed, window });
    }
    Ok(asked.unwrap_or_else(|| target.max_output_tokens.min(window - guess).max(1)))
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;

    use super::*;
    use crate::dialect::tests::target;

    #[test]
    fn an_answer_has_the_room_that_is_left() {
        let target = target(Dialect::OpenAi, "http://h");
        let room = |guess, asked| room(&target, guess, asked).map_err(|err| err.to_string());
        assert_eq!(room(100, None), Ok(1024));
        assert_eq!(room(100, Some(5000)), Ok(5000));
        assert_eq!(room(8000, None), Ok(192));
        assert_eq!(room(8000, Some(193)).unwrap_err(), "the request takes about 8193 tokens, the model holds 8192");
        assert_eq!(room(8192, None).unwrap_err(), "the request takes about 8193 tokens, the model holds 8192");
        assert!(room(u64::MAX, Some(u64::MAX)).is_err());
    }
}
