//! Streamed answers of Messages.

use serde::Deserialize;
use serde_json::Value;

use super::answer::{Block, ErrorFields, UsageFields, stop_reason};
use crate::dialect::{Piece, ReadError, StreamReader};

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Started,
    },
    ContentBlockStart {
        index: u32,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u32,
        delta: Delta,
    },
    MessageDelta {
        delta: MessageChange,
        usage: Option<UsageFields>,
    },
    MessageStop,
    Ping,
    Error {
        error: ErrorFields,
    },
    /// The provider announces that new kinds of events may come.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Started {
    usage: Option<UsageFields>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct MessageChange {
    stop_reason: Option<String>,
}

/// Keeps which blocks are calls of tools, by their numbers among all blocks.
#[derive(Debug, Default)]
pub(super) struct Reader {
    calls: Vec<u32>,
}

impl StreamReader for Reader {
    fn read(&mut self, data: &str) -> Result<Vec<Piece>, ReadError> {
        let event: Event = serde_json::from_str(data).map_err(ReadError::malformed)?;
        Ok(match event {
            Event::MessageStart { message } => usage(message.usage.as_ref(), false),
            Event::ContentBlockStart { index, content_block } => self.start(index, content_block),
            Event::ContentBlockDelta { index, delta } => self.more(index, delta),
            Event::MessageDelta { delta, usage: figures } => {
                let stop = delta.stop_reason.as_deref().map(|reason| Piece::Stop(stop_reason(Some(reason))));
                let is_final = stop.is_some();
                stop.into_iter().chain(usage(figures.as_ref(), is_final)).collect()
            }
            Event::MessageStop => vec![Piece::End],
            Event::Ping => vec![Piece::Ping],
            Event::Error { error } => return Err(error.told()),
            Event::Other => Vec::new(),
        })
    }

    fn ends_with_the_connection(&self) -> bool {
        false
    }
}

impl Reader {
    fn start(&mut self, number: u32, block: Block) -> Vec<Piece> {
        match block {
            Block::Text { text } => filled(text).map(Piece::Text).into_iter().collect(),
            Block::ToolUse { id, name, input } => {
                self.calls.push(number);
                let index = self.calls.len() as u32 - 1;
                // Usually empty here; a server that sends the whole input at once is understood too.
                let whole = matches!(&input, Value::Object(fields) if !fields.is_empty()).then(|| input.to_string());
                let start = Piece::CallStart { index, id, name };
                std::iter::once(start).chain(whole.map(|piece| Piece::CallArguments { index, piece })).collect()
            }
            Block::Other => Vec::new(),
        }
    }

    fn more(&self, number: u32, delta: Delta) -> Vec<Piece> {
        let piece = match delta {
            Delta::Text { text } => filled(text).map(Piece::Text),
            // Input of tools that the provider runs itself belongs to no call of ours.
            Delta::InputJson { partial_json } => self
                .calls
                .iter()
                .position(|known| *known == number)
                .and_then(|at| filled(partial_json).map(|piece| Piece::CallArguments { index: at as u32, piece })),
            Delta::Other => None,
        };
        piece.into_iter().collect()
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn usage(figures: Option<&UsageFields>, is_final: bool) -> Vec<Piece> {
    figures.map(|figures| Piece::Usage(figures.reported(is_final))).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{FailureKind, StopReason};

    use super::*;
    use crate::dialect::Reported;

    fn read(events: &[&str]) -> Result<Vec<Piece>, ReadError> {
        let mut reader = Reader::default();
        let pieces: Result<Vec<_>, _> = events.iter().map(|event| reader.read(event)).collect();
        Ok(pieces?.into_iter().flatten().collect())
    }

    #[test]
    fn text_and_calls_come_block_by_block() {
        let pieces = read(&[
            r#"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":9,"output_tokens":1}}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":6}}"#,
            r#"{"type":"message_stop"}"#,
        ]);
        assert_eq!(
            pieces.unwrap(),
            [
                Piece::Usage(Reported { input: Some(9), cached: None, output: Some(1), is_final: false }),
                Piece::Ping,
                Piece::Text("hi".into()),
                Piece::CallStart { index: 0, id: "t".into(), name: "f".into() },
                Piece::CallArguments { index: 0, piece: "{}".into() },
                Piece::Stop(StopReason::ToolCalls),
                Piece::Usage(Reported { input: None, cached: None, output: Some(6), is_final: true }),
                Piece::End,
            ]
        );
    }

    #[test]
    fn errors_of_the_provider_and_of_the_form_are_told_apart() {
        let kind = |event: &str| read(&[event]).unwrap_err().kind;
        assert_eq!(kind(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#), FailureKind::Upstream);
        assert_eq!(kind(r#"{"type":"content_block_delta","index":0,"delta":{"#), FailureKind::Malformed);
        assert_eq!(kind("[DONE]"), FailureKind::Malformed);
        assert_eq!(read(&[r#"{"type":"something_new","x":1}"#]).unwrap(), []);
    }
}
