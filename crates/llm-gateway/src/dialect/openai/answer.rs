//! Answers of Chat Completions.

use commandcenter_domain::llm::{Part, StopReason, ToolCall};
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::piece::{made_up_id, parsed_arguments, stopped, text_part};
use crate::dialect::{ReadError, Reported, WholeAnswer};

#[derive(Deserialize)]
struct Completion {
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<UsageFields>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Content>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallFields>>,
}

/// Text, or text in parts as some servers write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<ContentPart>),
}

#[derive(Deserialize)]
struct ContentPart {
    text: Option<String>,
}

#[derive(Deserialize)]
struct CallFields {
    id: Option<String>,
    function: FunctionFields,
}

#[derive(Deserialize)]
struct FunctionFields {
    name: String,
    arguments: Option<Value>,
}

/// Tokens as this dialect counts them.
#[derive(Deserialize)]
pub(super) struct UsageFields {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

impl UsageFields {
    pub(super) fn reported(&self, is_final: bool) -> Reported {
        let cached = self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        Reported { input: self.prompt_tokens, cached, output: self.completion_tokens, is_final }
    }
}

pub(super) fn read(body: &[u8]) -> Result<WholeAnswer, ReadError> {
    let completion: Completion = serde_json::from_slice(body).map_err(ReadError::malformed)?;
    if let Some(error) = &completion.error {
        return Err(told(error));
    }
    let Some(choice) = completion.choices.into_iter().flatten().next() else {
        return Err(ReadError::malformed("an answer without `choices`"));
    };
    let Said { content, refusal, tool_calls } = choice.message;
    let text = content.map(|content| match content {
        Content::Text(text) => text,
        Content::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
    });
    let calls: Vec<_> = tool_calls.into_iter().flatten().map(call).collect();
    let stop = if refusal.is_some() { StopReason::Filtered } else { stop_reason(choice.finish_reason.as_deref()) };
    Ok(WholeAnswer {
        model: completion.model.filter(|model| !model.is_empty()),
        stop: stopped(stop, !calls.is_empty()),
        parts: text_part(text).into_iter().chain(text_part(refusal)).chain(calls).collect(),
        reported: completion.usage.map(|usage| usage.reported(true)).unwrap_or_default(),
    })
}

fn call(fields: CallFields) -> Part {
    let arguments = match fields.function.arguments {
        Some(Value::String(text)) => parsed_arguments(&text),
        // Some servers give the object itself.
        Some(value @ Value::Object(_)) => value,
        Some(other) => Value::String(other.to_string()),
        None => parsed_arguments(""),
    };
    let id = fields.id.filter(|id| !id.is_empty()).unwrap_or_else(made_up_id);
    Part::Call(ToolCall { id, name: fields.function.name, arguments })
}

/// Why it stopped, in the neutral words. What is new or absent is an end: the provider sent the answer as whole.
pub(super) fn stop_reason(text: Option<&str>) -> StopReason {
    match text {
        Some("length") => StopReason::MaxTokens,
        Some("tool_calls" | "function_call") => StopReason::ToolCalls,
        Some("content_filter") => StopReason::Filtered,
        Some(_) | None => StopReason::End,
    }
}

/// An error that came where an answer was due.
pub(super) fn told(error: &Value) -> ReadError {
    let message = error.get("message").and_then(Value::as_str).or(error.as_str()).unwrap_or("the provider reports an error");
    let code = error.get("code").or_else(|| error.get("type"));
    let is_throttled = code.is_some_and(|code| code == 429 || code.as_str().is_some_and(|code| code.contains("rate_limit")));
    ReadError::told(is_throttled, message)
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::FailureKind;
    use serde_json::json;

    use super::*;

    fn read_json(value: &Value) -> Result<WholeAnswer, ReadError> {
        read(value.to_string().as_bytes())
    }

    #[test]
    fn an_answer_has_text_and_figures() {
        let answer = read_json(&json!({
            "model": "m-1-2026", "choices": [{ "index": 0, "message": { "role": "assistant", "content": "hi" }, "finish_reason": "length" }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": { "cached_tokens": 4 } },
        }))
        .unwrap();
        assert_eq!(answer.parts, [Part::Text { text: "hi".into() }]);
        assert_eq!((answer.stop, answer.model.as_deref()), (StopReason::MaxTokens, Some("m-1-2026")));
        assert_eq!(answer.reported, Reported { input: Some(9), cached: Some(4), output: Some(2), is_final: true });
    }

    #[test]
    fn calls_are_read_even_where_the_server_says_stop() {
        let answer = read_json(&json!({ "choices": [{ "finish_reason": "stop", "message": { "content": null, "tool_calls": [
            { "id": "c1", "type": "function", "function": { "name": "add", "arguments": "{\"a\":1}" } },
            { "id": "c2", "function": { "name": "add", "arguments": "{\"a\":" } },
        ] } }] }))
        .unwrap();
        assert_eq!(answer.stop, StopReason::ToolCalls);
        let call = |id: &str, arguments| Part::Call(ToolCall { id: id.into(), name: "add".into(), arguments });
        assert_eq!(answer.parts, [call("c1", json!({ "a": 1 })), call("c2", json!("{\"a\":"))]);
        assert_eq!(answer.reported, Reported::default());
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let kinds = |body: &str| read(body.as_bytes()).unwrap_err().kind;
        assert_eq!(kinds("<html>"), FailureKind::Malformed);
        assert_eq!(kinds("{}"), FailureKind::Malformed);
        assert_eq!(kinds(r#"{"choices":[]}"#), FailureKind::Malformed);
        assert_eq!(kinds(r#"{"error":{"message":"down","code":502}}"#), FailureKind::Upstream);
        assert_eq!(kinds(r#"{"error":{"message":"slow down","code":429}}"#), FailureKind::Throttled);
    }
}
