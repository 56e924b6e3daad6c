//! Answers for clients of Chat Completions.

use commandcenter_domain::llm::{ChatAnswer, Part, StopReason, Usage};
use serde_json::{Value, json};

use crate::compat::Head;

/// Writes a whole answer.
#[must_use]
pub fn write_answer(head: &Head, answer: &ChatAnswer) -> Value {
    let text = answer.text();
    let calls: Vec<_> = answer.parts.iter().filter_map(call).collect();
    let mut message = json!({ "role": "assistant", "content": if text.is_empty() && !calls.is_empty() { Value::Null } else { json!(text) }, "refusal": null });
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    json!({
        "id": format!("chatcmpl-{}", head.id), "object": "chat.completion", "created": head.created, "model": head.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(answer.stop) }],
        "usage": usage(&answer.usage),
    })
}

/// Writes an error; its code is the slug of the problem.
#[must_use]
pub fn write_error(status: u16, code: &str, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

/// Writes the list of models, each with who offers it.
#[must_use]
pub fn write_models<'a>(models: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let row = |(id, owner): (&str, &str)| json!({ "id": id, "object": "model", "created": 0, "owned_by": owner });
    json!({ "object": "list", "data": models.into_iter().map(row).collect::<Vec<_>>() })
}

/// Tokens as this dialect counts them.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens, "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens.saturating_add(usage.output_tokens),
        "prompt_tokens_details": { "cached_tokens": usage.cached_tokens },
    })
}

/// Why it stopped, in this dialect's words.
pub(super) const fn finish_reason(stop: StopReason) -> &'static str {
    match stop {
        StopReason::End => "stop",
        StopReason::MaxTokens => "length",
        StopReason::ToolCalls => "tool_calls",
        StopReason::Filtered => "content_filter",
    }
}

fn call(part: &Part) -> Option<Value> {
    let Part::Call(call) = part else { return None };
    let arguments = call.arguments.as_str().map_or_else(|| call.arguments.to_string(), str::to_owned);
    Some(json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } }))
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::ToolCall;

    use super::*;

    #[test]
    fn an_answer_has_text_calls_and_figures() {
        let call = ToolCall { id: "c1".into(), name: "f".into(), arguments: json!({ "x": 1 }) };
        let usage = Usage { input_tokens: 5, cached_tokens: 2, output_tokens: 3, estimated: false };
        let answer = ChatAnswer { model: "m".into(), parts: vec![Part::Call(call)], stop: StopReason::ToolCalls, usage };
        let head = Head { id: "1".into(), model: "main/m".into(), created: 7 };
        let written = write_answer(&head, &answer);
        assert_eq!((&written["id"], &written["model"], &written["created"]), (&json!("chatcmpl-1"), &json!("main/m"), &json!(7)));
        let choice = &written["choices"][0];
        assert_eq!((&choice["finish_reason"], &choice["message"]["content"]), (&json!("tool_calls"), &Value::Null));
        let function = &choice["message"]["tool_calls"][0]["function"];
        assert_eq!(function, &json!({ "name": "f", "arguments": "{\"x\":1}" }));
        assert_eq!(
            (&written["usage"]["total_tokens"], &written["usage"]["prompt_tokens_details"]["cached_tokens"]),
            (&json!(8), &json!(2))
        );
    }

    #[test]
    fn an_error_carries_the_slug() {
        let error = write_error(429, "budget-exhausted", "no more");
        assert_eq!(error["error"]["code"], "budget-exhausted");
        assert_eq!(error["error"]["type"], "rate_limit_error");
        assert_eq!(write_models([("a/m", "a")])["data"][0]["id"], "a/m");
    }
}
