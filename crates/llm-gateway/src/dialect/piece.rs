//! What is read from answers, the same for every dialect.

use commandcenter_domain::llm::{FailureKind, Part, StopReason};

/// Tokens by the provider's own word; what it did not say is `None`. A later word replaces an earlier one and is never added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reported {
    /// Tokens sent, those from the cache among them.
    pub(crate) input: Option<u64>,
    /// Tokens from the cache.
    pub(crate) cached: Option<u64>,
    /// Tokens answered.
    pub(crate) output: Option<u64>,
    /// Whether the figures are for the whole answer, not for what came so far.
    pub(crate) is_final: bool,
}

impl Reported {
    /// Takes a later word in.
    pub(crate) fn replace(&mut self, later: Self) {
        self.input = later.input.or(self.input);
        self.cached = later.cached.or(self.cached);
        self.output = later.output.or(self.output);
        self.is_final |= later.is_final;
    }
}

/// An answer in one piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WholeAnswer {
    pub(crate) model: Option<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) stop: StopReason,
    pub(crate) reported: Reported,
}

/// Vectors in the order of the texts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vectors {
    pub(crate) model: Option<String>,
    pub(crate) vectors: Vec<Vec<f32>>,
    pub(crate) reported: Reported,
}

/// A piece of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// More text.
    Text(String),
    /// A tool call begins.
    CallStart { index: u32, id: String, name: String },
    /// More of its arguments.
    CallArguments { index: u32, piece: String },
    /// Tokens so far, or at the end.
    Usage(Reported),
    /// The provider says why it stopped.
    Stop(StopReason),
    /// The provider says that nothing follows.
    End,
    /// The provider says that it is there.
    Ping,
}

/// Why an answer cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadError {
    pub(crate) kind: FailureKind,
    pub(crate) detail: String,
}

impl ReadError {
    /// Not of the dialect.
    pub(crate) fn malformed(detail: impl std::fmt::Display) -> Self {
        Self { kind: FailureKind::Malformed, detail: detail.to_string() }
    }

    /// The provider tells of an error of its own.
    pub(crate) fn told(is_throttled: bool, detail: impl Into<String>) -> Self {
        let kind = if is_throttled { FailureKind::Throttled } else { FailureKind::Upstream };
        Self { kind, detail: detail.into() }
    }
}

/// Reads a streamed answer, event by event.
pub(crate) trait StreamReader: Send {
    /// The pieces of one event.
    ///
    /// # Errors
    /// [`ReadError`], after which nothing more can be read.
    fn read(&mut self, data: &str) -> Result<Vec<Piece>, ReadError>;
    /// Whether a connection that ends in order after [`Piece::Stop`] is an end of the answer, too.
    fn ends_with_the_connection(&self) -> bool;
}

/// A model that asks for tools has stopped for them, whatever its server calls it.
pub(crate) fn stopped(stop: StopReason, has_calls: bool) -> StopReason {
    match stop {
        StopReason::End if has_calls => StopReason::ToolCalls,
        StopReason::End | StopReason::MaxTokens | StopReason::ToolCalls | StopReason::Filtered => stop,
    }
}

/// Arguments that came as text.
pub(crate) fn parsed_arguments(text: &str) -> serde_json::Value {
    if text.trim().is_empty() {
        return serde_json::json!({});
    }
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Object(_)) => value,
        Ok(_) | Err(_) => serde_json::Value::String(text.to_owned()),
    }
}

/// An object to send where a dialect wants one; arguments that are none are wrapped.
pub(crate) fn object_of(arguments: &serde_json::Value) -> serde_json::Value {
    match arguments {
        serde_json::Value::Object(_) => arguments.clone(),
        serde_json::Value::Null => serde_json::json!({}),
        other => serde_json::json!({ "raw": other }),
    }
}

/// The parts of an answer: text that is there, then the calls.
pub(crate) fn text_part(text: Option<String>) -> Option<Part> {
    text.filter(|text| !text.is_empty()).map(|text| Part::Text { text })
}

/// An id for a call of a dialect, or of a server, that gives none.
pub(crate) fn made_up_id() -> String {
    format!("call_{}", uuid::Uuid::new_v4().simple())
}
