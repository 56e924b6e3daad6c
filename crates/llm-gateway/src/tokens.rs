//! Tokens without a tokenizer: a guess to read by, and a bound to reserve by.
//!
//! The guess: one token for four ASCII characters and one for each other character, four for each turn. The bound: one token for each
//! byte of the request as it is sent, which no tokenizer over bytes exceeds, and an allowance for what providers wrap around it.

use commandcenter_domain::llm::{ChatRequest, OutputFormat, Part};
use serde_json::Value;

/// What providers put around a turn, at most.
const AROUND_TURN: u64 = 16;
/// What providers put around tools, at most; the largest known is about half of it.
const AROUND_TOOLS: u64 = 1024;
/// The guess for the marks around a turn.
const TURN: u64 = 4;

/// A running guess.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Guess {
    ascii: u64,
    other: u64,
    turns: u64,
}

impl Guess {
    /// Takes a text in.
    pub(crate) fn add(&mut self, text: &str) {
        let ascii = text.bytes().filter(u8::is_ascii).count() as u64;
        // Characters begin with a byte that does not continue one.
        let characters = text.bytes().filter(|byte| byte & 0xc0 != 0x80).count() as u64;
        self.ascii += ascii;
        self.other += characters - ascii;
    }

    /// What has come together.
    pub(crate) const fn tokens(self) -> u64 {
        self.ascii.div_ceil(4) + self.other + self.turns * TURN
    }
}

/// The guess for one text.
pub(crate) fn of_text(text: &str) -> u64 {
    let mut guess = Guess::default();
    guess.add(text);
    guess.tokens()
}

/// The guess for a whole request, its answer not included.
pub(crate) fn of_request(request: &ChatRequest) -> u64 {
    let mut guess = Guess { turns: request.messages.len() as u64 + u64::from(request.system.is_some()), ..Guess::default() };
    guess.add(request.system.as_deref().unwrap_or_default());
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        match part {
            Part::Text { text } => guess.add(text),
            Part::Call(call) => {
                guess.add(&call.name);
                guess.add(&arguments(&call.arguments));
            }
            Part::Result(result) => guess.add(&result.content),
        }
    }
    for tool in &request.tools {
        guess.add(&tool.name);
        guess.add(tool.description.as_deref().unwrap_or_default());
        guess.add(&tool.parameters.to_string());
    }
    if let OutputFormat::Schema { schema, .. } = &request.output {
        guess.add(&schema.to_string());
    }
    guess.tokens()
}

/// The most tokens that a request of this many bytes can be.
pub(crate) fn bound(bytes: usize, request: &ChatRequest) -> u64 {
    let tools = if request.tools.is_empty() { 0 } else { AROUND_TOOLS };
    bytes as u64 + AROUND_TURN * (request.messages.len() as u64 + 1) + tools
}

/// Arguments of a call as text: what is no object is the text that the model wrote.
pub(crate) fn arguments(arguments: &Value) -> String {
    match arguments {
        Value::String(raw) => raw.clone(),
        Value::Null => "{}".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_counts_quarters_of_ascii_and_all_else_whole() {
        for (text, tokens) in [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("日本語", 3), ("né", 2), ("a🦀", 2)] {
            assert_eq!(of_text(text), tokens, "{text}");
        }
    }

    #[test]
    fn pieces_are_guessed_together() {
        let mut guess = Guess::default();
        for piece in ["a", "b", "c", "d"] {
            guess.add(piece);
        }
        assert_eq!(guess.tokens(), 1);
    }

    #[test]
    fn a_guess_never_exceeds_the_bound() {
        for text in ["", "hello there", "日本語 🦀 and so on", "\u{0}\u{1}"] {
            let request = ChatRequest::ask(text, text);
            let written = serde_json::to_vec(&request).unwrap();
            assert!(of_request(&request) <= bound(written.len(), &request), "{text}");
        }
    }
}
