//! A reader of the stream of events.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::time::timeout;

use crate::client::Client;

/// How long anything may take before the test gives up. Longer than no safety poll: what is heard in time was told by a signal.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest silence of a stream.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Where the stream is.
const STREAM: &str = "/api/v1/events/stream";

/// A block of the stream.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// What to resume from.
    pub id: Option<i64>,
    /// The event's type.
    pub event: Option<String>,
    /// The event.
    pub data: Option<Value>,
    /// A sign of life.
    pub comment: Option<String>,
}

/// An open stream.
pub struct EventReader {
    response: Response,
    text: String,
    /// What a browser would resume from.
    pub last_id: i64,
}

impl EventReader {
    /// Opens a stream and reads its first block, which says where it begins.
    pub async fn open(client: &Client, query: &str) -> Self {
        Self::send(client.request(Method::GET, &format!("{STREAM}{query}"))).await
    }

    /// Opens a stream behind an event, as a browser does when it connects again.
    pub async fn resume(client: &Client, id: i64) -> Self {
        Self::send(client.request(Method::GET, STREAM).header("Last-Event-ID", id)).await
    }

    /// Opens a stream with a request of one's own.
    pub async fn send(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        let mut reader = Self { response, text: String::new(), last_id: -1 };
        let first = reader.block().await.unwrap();
        assert!(first.id.is_some() && first.data.is_none(), "{first:?}");
        reader
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next block; `None` when the stream ends.
    pub async fn block(&mut self) -> Option<Block> {
        timeout(PATIENCE + HEARTBEAT, self.next_block()).await.expect("something comes in time")
    }

    /// The next event.
    pub async fn event(&mut self) -> Value {
        let event = async {
            loop {
                let block = self.next_block().await.expect("the stream goes on");
                if let Some(data) = block.data {
                    assert_eq!((block.id, block.event.as_deref()), (data["id"].as_i64(), data["type"].as_str()));
                    return data;
                }
            }
        };
        timeout(PATIENCE, event).await.expect("an event comes in time")
    }

    /// The names of the next technologies that are told of.
    pub async fn titles(&mut self, count: usize) -> Vec<String> {
        let mut titles = Vec::new();
        while titles.len() < count {
            titles.push(self.event().await["data"]["title"].as_str().unwrap_or_default().to_owned());
        }
        titles
    }

    /// Waits for the end of the stream; the events before it.
    pub async fn rest(mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(block) = self.block().await {
            events.extend(block.data);
        }
        events
    }

    async fn next_block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (parse(block), rest.to_owned());
                self.text = rest;
                self.last_id = block.id.unwrap_or(self.last_id);
                return Some(block);
            }
            let chunk = self.response.chunk().await.expect("the connection ends well")?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

fn parse(text: &str) -> Block {
    let mut block = Block::default();
    for line in text.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => block.comment = Some(value.to_owned()),
            "id" => block.id = Some(value.parse().unwrap()),
            "event" => block.event = Some(value.to_owned()),
            "data" => block.data = Some(serde_json::from_str(value).unwrap()),
            "retry" => {}
            other => panic!("{other} is no field of a block: {text}"),
        }
    }
    block
}
