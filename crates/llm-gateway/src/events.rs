//! The frames of one streamed answer, as they come: whole events, the end of the connection, or what broke it.

use std::collections::VecDeque;
use std::time::Duration;

use commandcenter_domain::llm::{Failure, FailureKind, Target};
use reqwest::Response;

use crate::failure::failure;
use crate::sse::{Frame, SseParser};
use crate::transport::broken;

/// How long the rest of a connection is read after the answer's end, so that it can be used again.
const REST: Duration = Duration::from_secs(1);

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The data of an event.
    Data(String),
    /// The server says that it is there.
    Comment,
    /// The connection ended in order, between two events.
    End,
}

/// Reads frames from an answer.
pub(crate) struct Events {
    response: Option<Response>,
    parser: SseParser,
    frames: VecDeque<Frame>,
}

impl Events {
    /// The frames of an answer whose head came.
    ///
    /// # Errors
    /// A failure when the answer is no stream of events.
    pub(crate) fn of(response: Response, target: &Target) -> Result<Self, Failure> {
        let media_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        // A server that does not name it is believed; the frames will tell.
        if !media_type.is_empty() && !media_type.eq_ignore_ascii_case("text/event-stream") {
            return Err(failure(target, FailureKind::Malformed, format!("asked for a stream, the provider answered with {media_type}")));
        }
        Ok(Self { response: Some(response), parser: SseParser::default(), frames: VecDeque::new() })
    }

    /// The next frame. Nothing is lost when the wait for it is given up.
    ///
    /// # Errors
    /// The failure: a cut, or what is no stream of events.
    pub(crate) async fn next(&mut self, target: &Target) -> Result<Next, Failure> {
        loop {
            match self.frames.pop_front() {
                Some(Frame::Data(data)) => return Ok(Next::Data(data)),
                Some(Frame::Comment) => return Ok(Next::Comment),
                None => {}
            }
            let Some(response) = &mut self.response else { return Ok(Next::End) };
            match response.chunk().await {
                Ok(Some(bytes)) => {
                    let frames = self.parser.push(&bytes).map_err(|err| failure(target, FailureKind::Malformed, err))?;
                    self.frames.extend(frames);
                }
                Ok(None) => {
                    self.response = None;
                    return self.end(target);
                }
                Err(err) => return Err(broken(target, &err)),
            }
        }
    }

    /// Stops reading after the provider's last word. What is left of the connection is read elsewhere.
    pub(crate) fn finish(&mut self) {
        if let Some(mut response) = self.response.take() {
            let rest = async move { while let Ok(Some(_)) = response.chunk().await {} };
            tokio::spawn(tokio::time::timeout(REST, rest));
        }
    }

    /// Stops the provider: the connection is closed at once.
    pub(crate) fn abandon(&mut self) {
        self.response = None;
    }

    /// An end within an event is a cut; only the mark of the end may lack its empty line.
    fn end(&mut self, target: &Target) -> Result<Next, Failure> {
        match std::mem::take(&mut self.parser).left_over() {
            None => Ok(Next::End),
            Some(data) if data.trim() == "[DONE]" => Ok(Next::Data(data)),
            Some(_) => Err(failure(target, FailureKind::Cut, "the connection ended in the middle of an event")),
        }
    }
}
