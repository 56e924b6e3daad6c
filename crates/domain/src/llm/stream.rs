//! An answer as it comes.

use serde::{Deserialize, Serialize};

use super::{FailureKind, NanoDollars, StopReason, Usage};

/// One event of a streamed answer. The last is always [`StreamEvent::Done`] or [`StreamEvent::Incomplete`], and only one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// More text.
    Text {
        /// The piece.
        text: String,
    },
    /// A tool call begins.
    CallStart {
        /// Its place among the calls of this answer, from 0.
        index: u32,
        /// Its id.
        id: String,
        /// Name of the tool.
        name: String,
    },
    /// More of a tool call's arguments.
    CallArguments {
        /// Which call.
        index: u32,
        /// A piece of JSON text.
        piece: String,
    },
    /// The provider said that the answer is whole.
    Done {
        /// Why it stopped.
        stop: StopReason,
        /// What it took.
        usage: Usage,
        /// What it cost; zero while the price is not yet known, which is only within the gateway.
        cost: NanoDollars,
    },
    /// The answer broke off. What came so far is not the answer.
    Incomplete(Incomplete),
}

/// How a stream broke off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incomplete {
    /// What broke it.
    pub cause: FailureKind,
    /// For a person; never holds a key.
    pub detail: String,
    /// What was used until then.
    pub usage: Usage,
    /// What was billed for it.
    pub cost: NanoDollars,
}

impl StreamEvent {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Incomplete(_))
    }
}
