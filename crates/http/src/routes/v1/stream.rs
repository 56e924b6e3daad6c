//! A streamed answer on its way to a client. The provider is read in a task of its own; when the client goes away, the task ends, and with it
//! what was asked of the provider.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use commandcenter_domain::llm::{OpenedStream, StreamEvent};
use futures::stream::unfold;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::compat::{anthropic, openai};
use crate::sse;

/// Time between two signs of life while the model says nothing. A client that went away is found out by writing to it.
const PULSE: Duration = Duration::from_millis(400);
/// Events that may wait for a slow client before the provider is left waiting too.
const WAITING: usize = 16;

/// Writes events in a dialect.
pub(super) enum Writer {
    OpenAi(openai::StreamWriter),
    Anthropic(anthropic::StreamWriter),
}

impl Writer {
    fn open(&self) -> String {
        match self {
            Self::OpenAi(writer) => writer.open(),
            Self::Anthropic(writer) => writer.open(),
        }
    }

    fn write(&mut self, event: &StreamEvent) -> String {
        match self {
            Self::OpenAi(writer) => writer.write(event),
            Self::Anthropic(writer) => writer.write(event),
        }
    }
}

/// Answers with a stream as server-sent events. It ends early only when the server stops, and then without the mark of a whole answer.
pub(super) fn spoken_stream(opened: OpenedStream, writer: Writer, closing: CancellationToken) -> HttpResponse {
    let OpenedStream { mut events, .. } = opened;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                () = sender.closed() => break,
                () = closing.cancelled() => break,
                event = events.next() => event,
            };
            let Some(event) = event else { break };
            if sender.send(event).await.is_err() {
                break;
            }
        }
    });
    let speaking = Speaking { receiver, writer, place: Place::Opening };
    sse::events(unfold(speaking, Speaking::next))
}

/// Where a stream stands.
#[derive(PartialEq, Eq)]
enum Place {
    Opening,
    Within,
    Over,
}

struct Speaking {
    receiver: mpsc::Receiver<StreamEvent>,
    writer: Writer,
    place: Place,
}

impl Speaking {
    /// The next bytes; none after the last event.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let text = match self.place {
            Place::Opening => {
                self.place = Place::Within;
                self.writer.open()
            }
            Place::Within => match timeout(PULSE, self.receiver.recv()).await {
                Ok(Some(event)) => {
                    if event.is_last() {
                        self.place = Place::Over;
                    }
                    self.writer.write(&event)
                }
                Ok(None) => return None,
                Err(_) => ": still here\n\n".to_owned(),
            },
            Place::Over => return None,
        };
        Some((Ok(text.into()), self))
    }
}
