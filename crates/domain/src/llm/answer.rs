//! What comes back from a model.

use serde::{Deserialize, Serialize};

use super::Part;
use crate::text_enum;

text_enum! {
    /// Why a model stopped by itself. A cut answer has none: it is an error or an incomplete stream.
    StopReason {
        /// It had said what it had to say, or met a stop text.
        End = "end",
        /// The most tokens were reached.
        MaxTokens = "max_tokens",
        /// It waits for tools.
        ToolCalls = "tool_calls",
        /// The provider withheld the rest.
        Filtered = "filtered",
    }
}

/// Tokens of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens sent, those from the provider's cache among them.
    pub input_tokens: u64,
    /// Tokens sent that the provider had in its cache.
    pub cached_tokens: u64,
    /// Tokens answered, thinking included where the provider bills it.
    pub output_tokens: u64,
    /// Whether the gateway counted them because the provider said nothing.
    pub estimated: bool,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatAnswer {
    /// The model that answered, by the provider's own word where it gives one.
    pub model: String,
    /// Text and tool calls, in order.
    pub parts: Vec<Part>,
    /// Why it stopped.
    pub stop: StopReason,
    /// What it took.
    pub usage: Usage,
}

impl ChatAnswer {
    /// The text of the answer, without its tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            Part::Call(_) | Part::Result(_) => None,
        });
        texts.collect()
    }
}
