//! Streamed answers for clients of Messages.

use commandcenter_domain::llm::{StreamEvent, Usage};
use serde_json::{Value, json};

use super::answer::{stop_reason, usage};
use crate::compat::Head;

/// Writes a stream, event by event. An answer that broke off ends with an error and without `message_stop`: no client takes it for whole.
#[derive(Debug)]
pub struct StreamWriter {
    head: Head,
    /// How many blocks were begun; the last of them is open.
    blocks: u32,
    is_text: bool,
    /// The blocks of the calls, by their numbers.
    calls: Vec<u32>,
}

impl StreamWriter {
    /// A stream.
    #[must_use]
    pub const fn new(head: Head) -> Self {
        Self { head, blocks: 0, is_text: false, calls: Vec::new() }
    }

    /// What stands before the first event. What it took is not known yet; the last event tells.
    #[must_use]
    pub fn open(&self) -> String {
        let message = json!({
            "id": format!("msg_{}", self.head.id), "type": "message", "role": "assistant", "model": self.head.model, "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": usage(&Usage::default()),
        });
        frame("message_start", json!({ "message": message }))
    }

    /// The frames of an event.
    pub fn write(&mut self, event: &StreamEvent) -> String {
        match event {
            StreamEvent::Text { text } => {
                let begun = if self.is_text { String::new() } else { self.begin(&json!({ "type": "text", "text": "" })) };
                self.is_text = true;
                begun + &delta(self.blocks - 1, &json!({ "type": "text_delta", "text": text }))
            }
            StreamEvent::CallStart { id, name, .. } => {
                let begun = self.begin(&json!({ "type": "tool_use", "id": id, "name": name, "input": {} }));
                self.is_text = false;
                self.calls.push(self.blocks - 1);
                begun
            }
            StreamEvent::CallArguments { index, piece } => {
                let block = self.calls.get(*index as usize).copied().unwrap_or_else(|| self.blocks.saturating_sub(1));
                delta(block, &json!({ "type": "input_json_delta", "partial_json": piece }))
            }
            StreamEvent::Done { stop, usage: used, .. } => {
                let change = json!({ "stop_reason": stop_reason(*stop), "stop_sequence": null });
                self.end() + &frame("message_delta", json!({ "delta": change, "usage": usage(used) })) + &frame("message_stop", json!({}))
            }
            StreamEvent::Incomplete(end) => frame(
                "error",
                json!({ "error": {
                    "type": "api_error", "message": format!("incomplete: the answer broke off: {}", end.detail),
                    "cause": end.cause, "usage": usage(&end.usage), "cost_nano": end.cost,
                } }),
            ),
        }
    }

    fn begin(&mut self, block: &Value) -> String {
        let ended = self.end();
        self.blocks += 1;
        ended + &frame("content_block_start", json!({ "index": self.blocks - 1, "content_block": block }))
    }

    /// Ends the open block, if there is one.
    fn end(&self) -> String {
        self.blocks.checked_sub(1).map(|index| frame("content_block_stop", json!({ "index": index }))).unwrap_or_default()
    }
}

fn delta(index: u32, delta: &Value) -> String {
    frame("content_block_delta", json!({ "index": index, "delta": delta }))
}

/// A frame; its data repeat the kind of event, as clients want it.
fn frame(kind: &str, mut data: Value) -> String {
    data["type"] = json!(kind);
    format!("event: {kind}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{FailureKind, Incomplete, NanoDollars, StopReason};

    use super::*;

    fn kinds(frames: &str) -> Vec<&str> {
        frames.lines().filter_map(|line| line.strip_prefix("event: ")).collect()
    }

    fn writer() -> StreamWriter {
        StreamWriter::new(Head { id: "1".into(), model: "m".into(), created: 7 })
    }

    #[test]
    fn blocks_begin_and_end_in_order() {
        let mut writer = writer();
        let text = |text: &str| StreamEvent::Text { text: text.into() };
        let events = [
            text("a"),
            text("b"),
            StreamEvent::CallStart { index: 0, id: "t".into(), name: "f".into() },
            StreamEvent::CallArguments { index: 0, piece: "{}".into() },
            StreamEvent::Done { stop: StopReason::ToolCalls, usage: Usage::default(), cost: NanoDollars::ZERO },
        ];
        let frames: String = std::iter::once(writer.open()).chain(events.iter().map(|event| writer.write(event))).collect();
        let expected = "message_start content_block_start content_block_delta content_block_delta content_block_stop content_block_start \
                        content_block_delta content_block_stop message_delta message_stop";
        assert_eq!(kinds(&frames).join(" "), expected);
        assert!(frames.contains(r#""index":1"#) && frames.contains(r#""stop_reason":"tool_use""#), "{frames}");
    }

    #[test]
    fn an_answer_that_broke_off_has_no_end() {
        let end = Incomplete { cause: FailureKind::Stalled, detail: "x".into(), usage: Usage::default(), cost: NanoDollars::new(5) };
        let frames = writer().write(&StreamEvent::Incomplete(end));
        assert_eq!(kinds(&frames), ["error"]);
        assert!(frames.contains(r#""cause":"stalled""#) && frames.contains(r#""cost_nano":5"#), "{frames}");
    }
}
