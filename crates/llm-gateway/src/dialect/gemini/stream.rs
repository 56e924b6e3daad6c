//! Streamed answers of `generateContent`.

use commandcenter_domain::llm::Part;

use super::answer::take;
use crate::dialect::{Piece, ReadError, Reported, StreamReader};

/// Numbers the calls, which come whole.
#[derive(Debug, Default)]
pub(super) struct Reader {
    calls: u32,
    is_stopped: bool,
}

impl StreamReader for Reader {
    fn read(&mut self, data: &str) -> Result<Vec<Piece>, ReadError> {
        let taken = take(serde_json::from_str(data).map_err(ReadError::malformed)?)?;
        let mut pieces = Vec::new();
        for part in taken.parts {
            match part {
                Part::Text { text } => pieces.push(Piece::Text(text)),
                Part::Call(call) => {
                    let index = self.calls;
                    self.calls += 1;
                    pieces.push(Piece::CallStart { index, id: call.id, name: call.name });
                    pieces.push(Piece::CallArguments { index, piece: call.arguments.to_string() });
                }
                Part::Result(_) => {}
            }
        }
        self.is_stopped |= taken.stop.is_some();
        pieces.extend(taken.stop.map(Piece::Stop));
        // Each chunk carries the figures so far.
        pieces.extend(taken.reported.map(|reported| Piece::Usage(Reported { is_final: self.is_stopped, ..reported })));
        Ok(pieces)
    }

    fn ends_with_the_connection(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{FailureKind, StopReason};

    use super::*;

    #[test]
    fn chunks_carry_text_calls_and_figures_so_far() {
        let mut reader = Reader::default();
        let first = reader.read(
            r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}}"#,
        );
        let figures = |output, is_final| Piece::Usage(Reported { input: Some(3), cached: None, output: Some(output), is_final });
        assert_eq!(first.unwrap(), [Piece::Text("a".into()), figures(1, false)]);
        let last = reader.read(
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"id":"c","name":"f","args":{"x":1}}}]},"finishReason":"STOP"}],
                "usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5}}"#,
        );
        let expected = [
            Piece::CallStart { index: 0, id: "c".into(), name: "f".into() },
            Piece::CallArguments { index: 0, piece: "{\"x\":1}".into() },
            Piece::Stop(StopReason::End),
            figures(5, true),
        ];
        assert_eq!(last.unwrap(), expected);
    }

    #[test]
    fn what_is_no_chunk_ends_it() {
        let kind = |event: &str| Reader::default().read(event).unwrap_err().kind;
        assert_eq!(kind(r#"{"candidates":[{"con"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"foo":1}"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"error":{"code":500,"message":"x"}}"#), FailureKind::Upstream);
    }
}
