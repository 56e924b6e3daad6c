//! Vectors.

use async_trait::async_trait;
use commandcenter_domain::llm::{
    CallError, ChatRequest, Embedded, EmbeddingAnswer, EmbeddingRequest, Failure, FailureKind, NanoDollars, Outcome, Target, Usage,
};
use tracing::Instrument;

use super::chat::{broken, exchange};
use super::operation::{Broken, Line, Operation, Prepared};
use crate::attempt::Attempt;
use crate::dialect::{Vectors, wire};
use crate::failure::failure;
use crate::tokens;
use crate::transport::Ready;

/// Texts whose vectors are wanted.
pub(super) struct Embed<'a> {
    pub(super) request: &'a EmbeddingRequest,
}

#[async_trait]
impl Operation for Embed<'_> {
    const NAME: &'static str = "embeddings";
    type Out = Embedded;

    fn prepare(&self, target: &Target) -> Result<Prepared, CallError> {
        let Some(outgoing) = wire(target.dialect).embed(target, self.request) else {
            let detail = format!("the dialect `{}` knows no embeddings", target.dialect);
            return Err(CallError::Failed(failure(target, FailureKind::Refused, detail)));
        };
        let window = target.context_window;
        let guesses = self.request.texts.iter().map(|text| tokens::of_text(text));
        if let Some(needed) = guesses.clone().find(|guess| *guess > window) {
            return Err(CallError::ContextTooLong { needed, window });
        }
        let guess = guesses.sum();
        let ready = Ready::new(outgoing);
        let input_tokens = tokens::bound(ready.body.len(), &ChatRequest::default());
        let bound = Usage { input_tokens, cached_tokens: 0, output_tokens: 0, estimated: true };
        Ok(Prepared { ready, guess, bound, is_second: false })
    }

    async fn perform(&self, on: Line<'_>, prepared: &Prepared, mut attempt: Attempt) -> Result<(Embedded, NanoDollars), Broken> {
        let target = on.round.target;
        let span = attempt.span();
        let read = |body: &[u8]| self.read(target, body);
        let vectors = match exchange(on, &prepared.ready, &mut attempt).instrument(span).await.and_then(|body| read(&body)) {
            Ok(vectors) => vectors,
            Err(failure) => return Err(broken(&mut attempt, failure).await),
        };
        attempt.note_first_token();
        attempt.tally.reported.replace(vectors.reported);
        let mut closed = attempt.close(Outcome::Complete, None);
        closed.written().await;
        let model = vectors.model.unwrap_or_else(|| target.model.clone());
        let answer = EmbeddingAnswer { model, vectors: vectors.vectors, usage: closed.usage };
        Ok((Embedded { answer, alias: target.alias.clone(), cost: closed.cost }, closed.cost))
    }
}

impl Embed<'_> {
    /// One vector for each text, all of one length, all of numbers; anything else would poison an index.
    fn read(&self, target: &Target, body: &[u8]) -> Result<Vectors, Failure> {
        let vectors = wire(target.dialect).read_vectors(body).map_err(|err| failure(target, err.kind, err.detail))?;
        let malformed = |detail: String| Err(failure(target, FailureKind::Malformed, detail));
        let (asked, came) = (self.request.texts.len(), vectors.vectors.len());
        if asked != came {
            return malformed(format!("{came} vectors for {asked} texts"));
        }
        let length = vectors.vectors.first().map_or(0, Vec::len);
        if length == 0 || vectors.vectors.iter().any(|vector| vector.len() != length) {
            return malformed("vectors of no length or of different lengths".to_owned());
        }
        if vectors.vectors.iter().flatten().any(|number| !number.is_finite()) {
            return malformed("vectors with numbers that are none".to_owned());
        }
        Ok(vectors)
    }
}
