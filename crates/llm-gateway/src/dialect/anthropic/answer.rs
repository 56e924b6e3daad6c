//! Answers of Messages.

use commandcenter_domain::llm::{Part, StopReason, ToolCall};
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::piece::{stopped, text_part};
use crate::dialect::{ReadError, Reported, WholeAnswer};

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<UsageFields>,
    error: Option<ErrorFields>,
}

/// A block of an answer; thinking and what is new are not part of the neutral answer.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Other,
}

/// Tokens as this dialect counts them: those read from and written to the cache are not among the input.
#[derive(Deserialize)]
pub(super) struct UsageFields {
    input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct ErrorFields {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

impl UsageFields {
    pub(super) fn reported(&self, is_final: bool) -> Reported {
        let cached = self.cache_read_input_tokens;
        let beside = cached.unwrap_or(0) + self.cache_creation_input_tokens.unwrap_or(0);
        Reported { input: self.input_tokens.map(|input| input + beside), cached, output: self.output_tokens, is_final }
    }
}

impl ErrorFields {
    pub(super) fn told(&self) -> ReadError {
        ReadError::told(self.kind == "rate_limit_error", format!("{}: {}", self.kind, self.message))
    }
}

pub(super) fn read(body: &[u8]) -> Result<WholeAnswer, ReadError> {
    let answer: Answer = serde_json::from_slice(body).map_err(ReadError::malformed)?;
    if let Some(error) = &answer.error {
        return Err(error.told());
    }
    let blocks = answer.content.ok_or_else(|| ReadError::malformed("an answer without `content`"))?;
    let parts: Vec<_> = blocks.into_iter().filter_map(part).collect();
    let has_calls = parts.iter().any(|part| matches!(part, Part::Call(_)));
    Ok(WholeAnswer {
        model: answer.model.filter(|model| !model.is_empty()),
        stop: stopped(stop_reason(answer.stop_reason.as_deref()), has_calls),
        parts,
        reported: answer.usage.map(|usage| usage.reported(true)).unwrap_or_default(),
    })
}

fn part(block: Block) -> Option<Part> {
    match block {
        Block::Text { text } => text_part(Some(text)),
        Block::ToolUse { id, name, input } => {
            let arguments = match input {
                Value::Object(_) => input,
                Value::Null => serde_json::json!({}),
                other => Value::String(other.to_string()),
            };
            Some(Part::Call(ToolCall { id, name, arguments }))
        }
        Block::Other => None,
    }
}

/// Why it stopped, in the neutral words.
pub(super) fn stop_reason(text: Option<&str>) -> StopReason {
    match text {
        Some("max_tokens" | "model_context_window_exceeded") => StopReason::MaxTokens,
        Some("tool_use") => StopReason::ToolCalls,
        Some("refusal") => StopReason::Filtered,
        Some(_) | None => StopReason::End,
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::FailureKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_has_text_calls_and_figures() {
        let body = json!({
            "type": "message", "model": "m-1", "stop_reason": "tool_use",
            "content": [
                { "type": "thinking", "thinking": "hm", "signature": "s" },
                { "type": "text", "text": "wait" },
                { "type": "tool_use", "id": "t1", "name": "add", "input": { "a": 1 } },
            ],
            "usage": { "input_tokens": 5, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2, "output_tokens": 7 },
        });
        let answer = read(body.to_string().as_bytes()).unwrap();
        let call = ToolCall { id: "t1".into(), name: "add".into(), arguments: json!({ "a": 1 }) };
        assert_eq!(answer.parts, [Part::Text { text: "wait".into() }, Part::Call(call)]);
        assert_eq!(answer.stop, StopReason::ToolCalls);
        assert_eq!(answer.reported, Reported { input: Some(10), cached: Some(3), output: Some(7), is_final: true });
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let kind = |body: &str| read(body.as_bytes()).unwrap_err().kind;
        assert_eq!(kind("{}"), FailureKind::Malformed);
        assert_eq!(kind("[]"), FailureKind::Malformed);
        assert_eq!(kind(r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#), FailureKind::Upstream);
        assert_eq!(kind(r#"{"type":"error","error":{"type":"rate_limit_error","message":"busy"}}"#), FailureKind::Throttled);
    }
}
