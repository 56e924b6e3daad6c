//! Answers that are kept, for those who ask the same again and say that the same answer will do.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Attribution, ChatAnswer, ChatRequest, NanoDollars, Part, StopReason, StreamEvent, Target, ToolCall};
use crate::identity::ProjectScope;
use crate::shared::{Invalid, LlmAttemptId, StoreError, Timestamp};

/// The longest that an answer is kept, in seconds: thirty days.
pub const LONGEST_KEPT: i64 = 30 * 86_400;

/// How old an answer may be that a caller takes, and how long theirs is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptFor(TimeDelta);

impl KeptFor {
    /// Checks a number of seconds.
    ///
    /// # Errors
    /// [`Invalid`] on `field` for one that is none, or beyond 1 to [`LONGEST_KEPT`].
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let seconds = text.trim().parse().ok().filter(|seconds| (1..=LONGEST_KEPT).contains(seconds));
        let seconds =
            seconds.ok_or_else(|| Invalid::one(field, "out_of_range", format!("must be between 1 and {LONGEST_KEPT} seconds")))?;
        Ok(Self(TimeDelta::seconds(seconds)))
    }

    /// As a span of time.
    #[must_use]
    pub const fn get(self) -> TimeDelta {
        self.0
    }
}

/// A kept answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The provider that gave it.
    pub alias: String,
    /// The answer.
    pub answer: ChatAnswer,
}

impl KeptAnswer {
    /// An answer that may be kept: a whole one that the provider did not withhold a part of.
    #[must_use]
    pub fn of(alias: &str, answer: &ChatAnswer) -> Option<Self> {
        (answer.stop != StopReason::Filtered).then(|| Self { alias: alias.to_owned(), answer: answer.clone() })
    }

    /// The events of a stream that gives it.
    #[must_use]
    pub fn events(&self) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        for (part, index) in self.answer.parts.iter().zip(0..) {
            match part {
                Part::Text { text } => events.push(StreamEvent::Text { text: text.clone() }),
                Part::Call(call) => {
                    let piece = call.arguments.as_str().map_or_else(|| call.arguments.to_string(), str::to_owned);
                    let index = index - texts_before(&self.answer.parts, index);
                    events.push(StreamEvent::CallStart { index, id: call.id.clone(), name: call.name.clone() });
                    events.push(StreamEvent::CallArguments { index, piece });
                }
                Part::Result(_) => {}
            }
        }
        events.push(StreamEvent::Done { stop: self.answer.stop, usage: self.answer.usage, cost: NanoDollars::ZERO });
        events
    }
}

/// How many parts before a place are no calls.
fn texts_before(parts: &[Part], place: u32) -> u32 {
    let others = parts.iter().zip(0..place).filter(|(part, _)| !matches!(part, Part::Call(_)));
    u32::try_from(others.count()).unwrap_or(place)
}

/// Puts a streamed answer together again.
#[derive(Debug, Default)]
pub struct Heard {
    parts: Vec<Part>,
    /// Where the calls are among the parts, by the stream's own count.
    calls: Vec<(u32, usize)>,
}

impl Heard {
    /// Takes note of an event; gives the answer of `model` when it is whole. One that broke off never is.
    pub fn hear(&mut self, event: &StreamEvent, model: &str) -> Option<ChatAnswer> {
        match event {
            StreamEvent::Text { text } => match self.parts.last_mut() {
                Some(Part::Text { text: said }) => said.push_str(text),
                _ => self.parts.push(Part::Text { text: text.clone() }),
            },
            StreamEvent::CallStart { index, id, name } => {
                self.calls.push((*index, self.parts.len()));
                let arguments = Value::String(String::new());
                self.parts.push(Part::Call(ToolCall { id: id.clone(), name: name.clone(), arguments }));
            }
            StreamEvent::CallArguments { index, piece } => {
                let place = self.calls.iter().find(|(known, _)| known == index).map(|(_, place)| *place);
                if let Some(Part::Call(ToolCall { arguments: Value::String(text), .. })) = place.and_then(|place| self.parts.get_mut(place))
                {
                    text.push_str(piece);
                }
            }
            StreamEvent::Done { stop, usage, .. } => {
                let parts = std::mem::take(&mut self.parts).into_iter().map(read_arguments).collect();
                return Some(ChatAnswer { model: model.to_owned(), parts, stop: *stop, usage: *usage });
            }
            StreamEvent::Incomplete(_) => self.parts.clear(),
        }
        None
    }
}

/// Arguments are an object, or the text itself where the model wrote none.
fn read_arguments(part: Part) -> Part {
    let Part::Call(ToolCall { id, name, arguments: Value::String(text) }) = part else { return part };
    let arguments = match serde_json::from_str(&text) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) | Err(_) if text.trim().is_empty() => Value::Object(Map::new()),
        Ok(_) | Err(_) => Value::String(text),
    };
    Part::Call(ToolCall { id, name, arguments })
}

/// All that an answer depends on, as one text: two requests that mean the same have the same, whatever the order of their fields.
///
/// # Errors
/// [`StoreError::Broken`] for a request that cannot be written, which is none that came as JSON.
pub fn canonical(target: &Target, request: &ChatRequest) -> Result<String, StoreError> {
    let request = serde_json::to_value(request).map_err(|err| StoreError::Broken(err.into()))?;
    let at = (target.provider, target.dialect.as_str(), target.base_url.as_str(), &target.model);
    let at = serde_json::to_value(at).map_err(|err| StoreError::Broken(err.into()))?;
    Ok(ordered(Value::Array(vec![at, request])).to_string())
}

/// The same value, its objects' fields by name.
fn ordered(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, ordered(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(ordered).collect()),
        other => other,
    }
}

/// How much of a project is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheFigures {
    /// Answers.
    pub answers: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// Kept answers of projects.
#[async_trait]
pub trait AnswerCache: Send + Sync {
    /// The answer under a key, when it has not expired and was kept at or after a moment.
    async fn find(&self, scope: &ProjectScope, key: &str, (now, since): (Timestamp, Timestamp)) -> Result<Option<KeptAnswer>, StoreError>;
    /// Keeps an answer under a key until a moment, in place of one that is there; the oldest go when there are too many.
    async fn keep(&self, scope: &ProjectScope, key: &str, kept: (&KeptAnswer, Timestamp, Timestamp)) -> Result<(), StoreError>;
    /// Writes to the ledger that a kept answer was given, at no cost.
    async fn given(&self, who: &Attribution, target: &Target, at: Timestamp) -> Result<LlmAttemptId, StoreError>;
    /// How much is kept.
    async fn figures(&self, scope: &ProjectScope, now: Timestamp) -> Result<CacheFigures, StoreError>;
    /// Forgets all answers of the project, and says how many.
    async fn clear(&self, scope: &ProjectScope) -> Result<u64, StoreError>;
    /// Removes what has expired, of all projects, and says how many.
    async fn expire(&self, now: Timestamp) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Usage;
    use super::*;

    fn answer() -> ChatAnswer {
        let call = |id: &str, arguments: Value| Part::Call(ToolCall { id: id.into(), name: "f".into(), arguments });
        let text = |text: &str| Part::Text { text: text.into() };
        let parts = vec![text("Let me see."), call("a", json!({ "x": 1 })), call("b", json!("not an object")), text("So.")];
        let usage = Usage { input_tokens: 5, cached_tokens: 0, output_tokens: 3, estimated: false };
        ChatAnswer { model: "m".into(), parts, stop: StopReason::ToolCalls, usage }
    }

    #[test]
    fn what_is_streamed_from_a_kept_answer_is_that_answer() {
        let kept = KeptAnswer::of("main", &answer()).unwrap();
        let mut heard = Heard::default();
        let heard: Vec<_> = kept.events().iter().filter_map(|event| heard.hear(event, "m")).collect();
        assert_eq!(heard, [answer()]);
        let calls = kept.events().into_iter().filter_map(|event| match event {
            StreamEvent::CallStart { index, .. } => Some(index),
            _ => None,
        });
        assert_eq!(calls.collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_was_withheld_or_broke_off_is_not_kept() {
        assert_eq!(KeptAnswer::of("main", &ChatAnswer { stop: StopReason::Filtered, ..answer() }), None);
        let mut heard = Heard::default();
        assert_eq!(heard.hear(&StreamEvent::Text { text: "Par".into() }, "m"), None);
        let cut = super::super::Incomplete {
            cause: super::super::FailureKind::Cut,
            detail: String::new(),
            usage: Usage::default(),
            cost: NanoDollars::ZERO,
        };
        assert_eq!(heard.hear(&StreamEvent::Incomplete(cut), "m"), None);
    }

    #[test]
    fn the_order_of_fields_makes_no_difference() {
        let value = |text: &str| ordered(serde_json::from_str(text).unwrap()).to_string();
        assert_eq!(value(r#"{"b":[{"d":1,"c":2}],"a":null}"#), r#"{"a":null,"b":[{"c":2,"d":1}]}"#);
        assert!(KeptFor::parse("h", "0").is_err() && KeptFor::parse("h", "x").is_err() && KeptFor::parse("h", "2592001").is_err());
        assert_eq!(KeptFor::parse("h", " 60 ").map(KeptFor::get), Ok(TimeDelta::minutes(1)));
    }
}
