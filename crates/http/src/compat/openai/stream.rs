//! Streamed answers for clients of Chat Completions.

use commandcenter_domain::llm::StreamEvent;
use serde_json::{Value, json};

use super::answer::{finish_reason, usage};
use crate::compat::Head;

/// Writes a stream, event by event. An answer that broke off ends with an error and without `[DONE]`: no client takes it for whole.
#[derive(Debug)]
pub struct StreamWriter {
    head: Head,
    shows_usage: bool,
}

impl StreamWriter {
    /// A stream whose client wants the figures at its end, or does not.
    #[must_use]
    pub const fn new(head: Head, shows_usage: bool) -> Self {
        Self { head, shows_usage }
    }

    /// What stands before the first event.
    #[must_use]
    pub fn open(&self) -> String {
        frame(&self.chunk(&json!({ "role": "assistant", "content": "" }), None))
    }

    /// The frames of an event.
    #[must_use]
    pub fn write(&self, event: &StreamEvent) -> String {
        match event {
            StreamEvent::Text { text } => frame(&self.chunk(&json!({ "content": text }), None)),
            StreamEvent::CallStart { index, id, name } => {
                let call = json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": "" } });
                frame(&self.chunk(&json!({ "tool_calls": [call] }), None))
            }
            StreamEvent::CallArguments { index, piece } => {
                let call = json!({ "index": index, "function": { "arguments": piece } });
                frame(&self.chunk(&json!({ "tool_calls": [call] }), None))
            }
            StreamEvent::Done { stop, usage: used, .. } => {
                let mut frames = frame(&self.chunk(&json!({}), Some(finish_reason(*stop))));
                if self.shows_usage {
                    let mut last = self.chunk(&json!({}), None);
                    last["choices"] = json!([]);
                    last["usage"] = usage(used);
                    frames += &frame(&last);
                }
                frames + "data: [DONE]\n\n"
            }
            StreamEvent::Incomplete(end) => frame(&json!({ "error": {
                "message": format!("the answer broke off: {}", end.detail), "type": "server_error", "param": null, "code": "incomplete",
                "cause": end.cause, "usage": usage(&end.usage), "cost_nano": end.cost,
            } })),
        }
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        json!({
            "id": format!("chatcmpl-{}", self.head.id), "object": "chat.completion.chunk",
            "created": self.head.created, "model": self.head.model,
            "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
        })
    }
}

fn frame(value: &Value) -> String {
    format!("data: {value}\n\n")
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{FailureKind, Incomplete, NanoDollars, StopReason, Usage};

    use super::*;

    fn writer(shows_usage: bool) -> StreamWriter {
        StreamWriter::new(Head { id: "1".into(), model: "m".into(), created: 7 }, shows_usage)
    }

    #[test]
    fn an_answer_ends_with_its_mark() {
        let done = StreamEvent::Done { stop: StopReason::End, usage: Usage::default(), cost: NanoDollars::ZERO };
        let frames = writer(true).write(&done);
        let all: Vec<_> = frames.split("\n\n").collect();
        assert!(all[0].contains(r#""finish_reason":"stop""#) && all[1].contains(r#""choices":[]"#), "{frames}");
        assert_eq!(all[2], "data: [DONE]");
        assert_eq!(writer(false).write(&done).matches("data: ").count(), 2);
    }

    #[test]
    fn an_answer_that_broke_off_has_no_mark() {
        let end = Incomplete { cause: FailureKind::Cut, detail: "x".into(), usage: Usage::default(), cost: NanoDollars::new(5) };
        let frames = writer(true).write(&StreamEvent::Incomplete(end));
        assert!(!frames.contains("[DONE]") && !frames.contains("finish_reason"));
        assert!(frames.contains(r#""cause":"cut""#) && frames.contains(r#""cost_nano":5"#), "{frames}");
    }
}
