//! Server-sent events, read strictly: what the format does not know is a fault and not skipped, since it may be half of an answer; and an
//! end in the middle of an event can be told from an end between two.

/// The most bytes that one event may have.
const LONGEST: usize = 4 << 20;

/// What stands in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The data of one event, its lines joined.
    Data(String),
    /// A comment: the server says that it is there, and nothing else.
    Comment,
}

/// What is no stream of events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SseError {
    #[error("the stream holds bytes that are no UTF-8")]
    Encoding,
    #[error("the stream holds a line that is no field of an event")]
    Line,
    #[error("the stream holds an event of more than {} bytes", LONGEST)]
    TooLong,
}

/// Takes bytes as they come and gives whole events.
#[derive(Debug, Default)]
pub(crate) struct SseParser {
    line: Vec<u8>,
    data: Option<String>,
    /// A line ended with a carriage return; a line feed right after it belongs to it.
    after_return: bool,
    is_begun: bool,
}

impl SseParser {
    /// The frames that these bytes complete.
    ///
    /// # Errors
    /// [`SseError`], after which nothing more can be read.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Frame>, SseError> {
        let mut frames = Vec::new();
        if self.after_return && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        }
        if !bytes.is_empty() {
            self.after_return = false;
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&bytes[..end]);
            let line = std::mem::take(&mut self.line);
            frames.extend(self.take_line(&line)?);
            let is_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            match bytes.first() {
                Some(b'\n') if is_return => bytes = &bytes[1..],
                None => self.after_return = is_return,
                Some(_) => {}
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() + self.data.as_ref().map_or(0, String::len) > LONGEST {
            return Err(SseError::TooLong);
        }
        Ok(frames)
    }

    /// The data of an event that was begun and not ended, when the stream ends here.
    pub(crate) fn left_over(mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() && self.take_line(&line).is_err() {
            return Some(String::from_utf8_lossy(&line).into_owned());
        }
        self.data
    }

    fn take_line(&mut self, line: &[u8]) -> Result<Option<Frame>, SseError> {
        let line = std::str::from_utf8(line).map_err(|_| SseError::Encoding)?;
        let line = if self.is_begun { line } else { line.trim_start_matches('\u{feff}') };
        self.is_begun = true;
        if line.is_empty() {
            return Ok(self.data.take().map(Frame::Data));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => Ok(Some(Frame::Comment)),
            "data" => {
                match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => self.data = Some(value.to_owned()),
                }
                Ok(None)
            }
            "event" | "id" | "retry" => Ok(None),
            _ => Err(SseError::Line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Frame {
        Frame::Data(text.to_owned())
    }

    #[test]
    fn every_cut_into_pieces_gives_the_same_events() {
        let text = "\u{feff}: hello\r\nevent: x\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata:two é\n\nid: 7\n\ndata: 3\r\r";
        let expected = vec![Frame::Comment, data("{\"a\":\n1}"), data("two é"), data("3")];
        for size in 1..=text.len() {
            let mut parser = SseParser::default();
            let frames: Vec<_> = text.as_bytes().chunks(size).flat_map(|piece| parser.push(piece).unwrap()).collect();
            assert_eq!(frames, expected, "in pieces of {size}");
            assert_eq!(parser.left_over(), None);
        }
    }

    #[test]
    fn what_is_no_field_is_a_fault() {
        assert_eq!(SseParser::default().push(b"{\"choices\":[]}\n\n"), Err(SseError::Line));
        assert_eq!(SseParser::default().push(b"data: \xff\n\n"), Err(SseError::Encoding));
        assert_eq!(SseParser::default().push(&vec![b'x'; LONGEST + 1]), Err(SseError::TooLong));
    }

    #[test]
    fn an_end_within_an_event_leaves_something_over() {
        for (text, rest) in [("data: a\n\ndata: b\n", Some("b")), ("data: a\n\ndata: [DONE]", Some("[DONE]")), ("data: a\n\n", None)] {
            let mut parser = SseParser::default();
            assert_eq!(parser.push(text.as_bytes()).unwrap(), [data("a")]);
            assert_eq!(parser.left_over().as_deref(), rest, "{text:?}");
        }
    }
}
