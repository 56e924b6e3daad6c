//! Answers for clients of Messages.

use commandcenter_domain::llm::{ChatAnswer, Part, StopReason, Usage};
use serde_json::{Value, json};

use crate::compat::Head;

/// Writes a whole answer.
#[must_use]
pub fn write_answer(head: &Head, answer: &ChatAnswer) -> Value {
    json!({
        "id": format!("msg_{}", head.id), "type": "message", "role": "assistant", "model": head.model,
        "content": answer.parts.iter().filter_map(block).collect::<Vec<_>>(),
        "stop_reason": stop_reason(answer.stop), "stop_sequence": null, "usage": usage(&answer.usage),
    })
}

/// Writes an error; its message begins with the slug of the problem, since this dialect has no field for it that clients show.
#[must_use]
pub fn write_error(status: u16, code: &str, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": format!("{code}: {message}"), "code": code } })
}

/// Tokens as this dialect counts them: those from the cache are not among the input.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens.saturating_sub(usage.cached_tokens), "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": 0, "output_tokens": usage.output_tokens,
    })
}

/// Why it stopped, in this dialect's words.
pub(super) const fn stop_reason(stop: StopReason) -> &'static str {
    match stop {
        StopReason::End => "end_turn",
        StopReason::MaxTokens => "max_tokens",
        StopReason::ToolCalls => "tool_use",
        StopReason::Filtered => "refusal",
    }
}

fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text { text } => Some(json!({ "type": "text", "text": text })),
        Part::Call(call) => {
            // Clients want an object; what is none is shown within one.
            let input = if call.arguments.is_object() { call.arguments.clone() } else { json!({ "raw": call.arguments }) };
            Some(json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": input }))
        }
        Part::Result(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::ToolCall;

    use super::*;

    #[test]
    fn an_answer_has_text_calls_and_figures() {
        let call = ToolCall { id: "t".into(), name: "f".into(), arguments: json!({ "x": 1 }) };
        let parts = vec![Part::Text { text: "wait".into() }, Part::Call(call)];
        let usage = Usage { input_tokens: 5, cached_tokens: 2, output_tokens: 3, estimated: false };
        let answer = ChatAnswer { model: "m".into(), parts, stop: StopReason::ToolCalls, usage };
        let written = write_answer(&Head { id: "1".into(), model: "m".into(), created: 7 }, &answer);
        assert_eq!(
            written["content"],
            json!([{ "type": "text", "text": "wait" }, { "type": "tool_use", "id": "t", "name": "f", "input": { "x": 1 } }])
        );
        assert_eq!((&written["stop_reason"], &written["usage"]["input_tokens"]), (&json!("tool_use"), &json!(3)));
    }

    #[test]
    fn an_error_carries_the_slug() {
        let error = write_error(422, "context-too-long", "9 of 8");
        assert_eq!(error["error"]["message"], "context-too-long: 9 of 8");
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
}
