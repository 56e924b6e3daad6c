//! Streamed answers of Chat Completions.

use serde::Deserialize;
use serde_json::Value;

use super::answer::{UsageFields, stop_reason, told};
use crate::dialect::piece::made_up_id;
use crate::dialect::{Piece, ReadError, StreamReader};

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<UsageFields>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    index: Option<u32>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

/// Keeps which calls were begun, by the server's numbers.
#[derive(Debug, Default)]
pub(super) struct Reader {
    calls: Vec<u32>,
    is_stopped: bool,
}

impl StreamReader for Reader {
    fn read(&mut self, data: &str) -> Result<Vec<Piece>, ReadError> {
        if data.trim() == "[DONE]" {
            return Ok(vec![Piece::End]);
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(ReadError::malformed)?;
        if let Some(error) = &chunk.error {
            return Err(told(error));
        }
        if chunk.choices.is_none() && chunk.usage.is_none() {
            return Err(ReadError::malformed("an event without `choices`"));
        }
        let mut pieces = Vec::new();
        for choice in chunk.choices.into_iter().flatten().filter(|choice| choice.index == 0) {
            self.take(choice, &mut pieces)?;
        }
        pieces.extend(chunk.usage.map(|usage| Piece::Usage(usage.reported(self.is_stopped))));
        Ok(pieces)
    }

    fn ends_with_the_connection(&self) -> bool {
        // Not every compatible server says `[DONE]`.
        true
    }
}

impl Reader {
    fn take(&mut self, choice: Choice, pieces: &mut Vec<Piece>) -> Result<(), ReadError> {
        let texts = choice.delta.content.into_iter().chain(choice.delta.refusal);
        pieces.extend(texts.filter(|text| !text.is_empty()).map(Piece::Text));
        for call in choice.delta.tool_calls.into_iter().flatten() {
            self.take_call(call, pieces)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.is_stopped = true;
            pieces.push(Piece::Stop(stop_reason(Some(&reason))));
        }
        Ok(())
    }

    fn take_call(&mut self, call: CallDelta, pieces: &mut Vec<Piece>) -> Result<(), ReadError> {
        let (name, arguments) = call.function.map_or((None, None), |function| (function.name, function.arguments));
        let name = name.filter(|name| !name.is_empty());
        // A server without numbers sends each call in one piece.
        let number =
            call.index.unwrap_or_else(|| if name.is_some() { self.calls.len() as u32 } else { self.calls.len().max(1) as u32 - 1 });
        let index = match (self.calls.iter().position(|known| *known == number), name) {
            (Some(at), _) => at as u32,
            (None, Some(name)) => {
                self.calls.push(number);
                let index = self.calls.len() as u32 - 1;
                let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(made_up_id);
                pieces.push(Piece::CallStart { index, id, name });
                index
            }
            (None, None) => return Err(ReadError::malformed("arguments of a tool call that was not begun")),
        };
        pieces.extend(arguments.filter(|piece| !piece.is_empty()).map(|piece| Piece::CallArguments { index, piece }));
        Ok(())
    }
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
    fn text_comes_in_pieces_and_ends_with_its_figures() {
        let pieces = read(&[
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"he"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"llo"}},{"index":1,"delta":{"content":"other"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
            "[DONE]",
        ]);
        let reported = Reported { input: Some(3), cached: None, output: Some(2), is_final: true };
        let text = |text: &str| Piece::Text(text.into());
        assert_eq!(pieces.unwrap(), [text("he"), text("llo"), Piece::Stop(StopReason::End), Piece::Usage(reported), Piece::End]);
    }

    #[test]
    fn calls_come_in_pieces_by_their_numbers() {
        let pieces = read(&[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":3,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":3,"function":{"arguments":"{\"x\":"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":3,"function":{"arguments":"1}"}},{"index":4,"id":"b","function":{"name":"g"}}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        ]);
        let start = |index, id: &str, name: &str| Piece::CallStart { index, id: id.into(), name: name.into() };
        let more = |index, piece: &str| Piece::CallArguments { index, piece: piece.into() };
        let expected = [start(0, "a", "f"), more(0, "{\"x\":"), more(0, "1}"), start(1, "b", "g"), Piece::Stop(StopReason::ToolCalls)];
        assert_eq!(pieces.unwrap(), expected);
    }

    #[test]
    fn what_is_no_chunk_ends_it() {
        let kind = |event: &str| read(&[event]).unwrap_err().kind;
        assert_eq!(kind(r#"{"choices":[{"del"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"foo":1}"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1"}}]}}]}"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"error":{"message":"down"}}"#), FailureKind::Upstream);
    }
}
