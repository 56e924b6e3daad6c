//! An answer that comes as server-sent events.

use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::Response;
use serde_json::Value;

use crate::error::CliError;

/// The most bytes of one event.
const MOST: usize = 8 << 20;

/// Events in the order in which they come.
pub(crate) struct Events {
    bytes: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    rest: Vec<u8>,
}

impl Events {
    pub(super) fn of(response: Response) -> Self {
        Self { bytes: response.bytes_stream().map(|chunk| chunk.map(|bytes| bytes.to_vec())).boxed(), rest: Vec::new() }
    }

    /// The next event's name and data; none when the server has said all.
    pub(crate) async fn next(&mut self) -> Result<Option<(String, Value)>, CliError> {
        loop {
            while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.rest.drain(..end + 2).collect();
                if let Some(event) = read(&String::from_utf8_lossy(&block)) {
                    return Ok(Some(event));
                }
            }
            if self.rest.len() > MOST {
                return Err(CliError::Failed("the server sent an event that is too large".to_owned()));
            }
            match self.bytes.next().await {
                Some(Ok(chunk)) => self.rest.extend(chunk),
                Some(Err(error)) => return Err(CliError::Unreachable(format!("the answer broke off: {error}"))),
                None => return Ok(None),
            }
        }
    }
}

/// A block's name and data; none for a comment.
fn read(block: &str) -> Option<(String, Value)> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let data = serde_json::from_str(field("data:")?).ok()?;
    Some((field("event:").unwrap_or("message").to_owned(), data))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn events_are_told_from_each_other_however_they_are_cut() {
        let text = ": hello\n\nevent: a\ndata: {\"x\":\"\u{e4}\"}\n\nevent: b\ndata: 2\n\n";
        let pieces: Vec<reqwest::Result<Vec<u8>>> = text.as_bytes().iter().map(|byte| Ok(vec![*byte])).collect();
        let mut events = Events { bytes: futures::stream::iter(pieces).boxed(), rest: Vec::new() };
        assert_eq!(events.next().await.unwrap(), Some(("a".to_owned(), json!({ "x": "\u{e4}" }))));
        assert_eq!(events.next().await.unwrap(), Some(("b".to_owned(), json!(2))));
        assert_eq!(events.next().await.unwrap(), None);
    }
}
