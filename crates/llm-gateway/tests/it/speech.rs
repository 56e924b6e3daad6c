//! What servers of each dialect say: whole answers and streams, with and without figures.

use commandcenter_domain::llm::Dialect;
use serde_json::{Value, json};

/// How often a stream tells what it took: 7 tokens in, 3 out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figures {
    Once,
    Twice,
    Never,
}

/// A whole answer of a text.
pub(crate) fn whole(dialect: Dialect, text: &str) -> Value {
    match dialect {
        Dialect::OpenAi => json!({
            "model": "m-told", "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 7, "completion_tokens": 3 },
        }),
        Dialect::Anthropic => json!({
            "type": "message", "model": "m-told", "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn",
            "usage": { "input_tokens": 7, "output_tokens": 3 },
        }),
        Dialect::Gemini => json!({
            "candidates": [{ "content": { "role": "model", "parts": [{ "text": text }] }, "finishReason": "STOP" }],
            "usageMetadata": { "promptTokenCount": 7, "candidatesTokenCount": 3 }, "modelVersion": "m-told",
        }),
    }
}

/// The start of a stream and these texts, without its end.
pub(crate) fn begun(dialect: Dialect, texts: &[&str], figures: Figures) -> Vec<String> {
    let start: Vec<Value> = match dialect {
        Dialect::OpenAi => vec![json!({ "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" } }] })],
        Dialect::Anthropic => {
            let mut message = json!({ "model": "m-told" });
            if figures != Figures::Never {
                message["usage"] = json!({ "input_tokens": 7, "output_tokens": 1 });
            }
            vec![
                json!({ "type": "message_start", "message": message }),
                json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
                json!({ "type": "ping" }),
            ]
        }
        Dialect::Gemini => Vec::new(),
    };
    let texts = texts.iter().map(|text| match dialect {
        Dialect::OpenAi => json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }),
        Dialect::Anthropic => json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        Dialect::Gemini => json!({ "candidates": [{ "content": { "role": "model", "parts": [{ "text": text }] } }] }),
    });
    start.into_iter().chain(texts).map(|value| value.to_string()).collect()
}

/// A whole stream of these texts.
pub(crate) fn streamed(dialect: Dialect, texts: &[&str], figures: Figures) -> Vec<String> {
    let times = match figures {
        Figures::Once => 1,
        Figures::Twice => 2,
        Figures::Never => 0,
    };
    let mut events = begun(dialect, texts, figures);
    match dialect {
        Dialect::OpenAi => {
            events.push(json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }).to_string());
            let usage = json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 3 } }).to_string();
            events.extend(std::iter::repeat_n(usage, times));
            events.push("[DONE]".to_owned());
        }
        Dialect::Anthropic => {
            events.push(json!({ "type": "content_block_stop", "index": 0 }).to_string());
            let stop = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } });
            let mut told = stop.clone();
            told["usage"] = json!({ "output_tokens": 3 });
            events.extend(std::iter::repeat_n(if times == 0 { stop } else { told }.to_string(), times.max(1)));
            events.push(json!({ "type": "message_stop" }).to_string());
        }
        Dialect::Gemini => {
            let usage = json!({ "promptTokenCount": 7, "candidatesTokenCount": 3 });
            let mut last = json!({ "candidates": [{ "content": { "parts": [] }, "finishReason": "STOP" }] });
            if times > 0 {
                last["usageMetadata"] = usage.clone();
            }
            events.push(last.to_string());
            events.extend((1..times).map(|_| json!({ "usageMetadata": usage }).to_string()));
        }
    }
    events
}

/// The event by which a provider tells of its own trouble.
pub(crate) fn trouble(dialect: Dialect) -> String {
    match dialect {
        Dialect::OpenAi => json!({ "error": { "message": "overloaded", "code": 502 } }),
        Dialect::Anthropic => json!({ "type": "error", "error": { "type": "overloaded_error", "message": "overloaded" } }),
        Dialect::Gemini => json!({ "error": { "code": 503, "message": "overloaded", "status": "UNAVAILABLE" } }),
    }
    .to_string()
}
