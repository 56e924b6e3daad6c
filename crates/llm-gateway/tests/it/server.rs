//! A server of models by script: each connection takes the next reply, whatever it asks for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What ends a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As the framing says.
    Clean,
    /// The connection is closed before that.
    Cut,
    /// Nothing more comes until the client goes away.
    Hold,
}

/// How the length of a body is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing {
    Chunked,
    /// The true length and this much more, or less.
    Length(isize),
}

/// One reply.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) framing: Framing,
    pub(crate) body: Vec<String>,
    pub(crate) ending: Ending,
    /// Nothing comes, not even a head.
    pub(crate) is_silent: bool,
}

impl Reply {
    /// JSON in one piece.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, framing: Framing::Length(0), body: vec![body.to_string()], ending: Ending::Clean, is_silent: false }
    }

    /// A stream of these events.
    pub(crate) fn events(data: &[String]) -> Self {
        let body = data.iter().map(|data| format!("data: {data}\n\n")).collect();
        let headers = vec![("content-type", "text/event-stream".to_owned())];
        Self { status: 200, headers, framing: Framing::Chunked, body, ending: Ending::Clean, is_silent: false }
    }

    /// Nothing at all.
    pub(crate) fn silence() -> Self {
        Self { is_silent: true, ..Self::events(&[]) }
    }

    pub(crate) fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }

    pub(crate) fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With raw text after the events.
    pub(crate) fn and(mut self, raw: &str) -> Self {
        self.body.push(raw.to_owned());
        self
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// The server. Without a reply left it closes connections at once.
pub(crate) struct Server {
    pub(crate) port: u16,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Clients that went away while the server held.
    gone: watch::Receiver<usize>,
}

impl Server {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (leave, gone) = watch::channel(0);
        let (queue, notes, leave) = (replies.clone(), asked.clone(), Arc::new(leave));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (queue, notes, leave) = (queue.clone(), notes.clone(), leave.clone());
                tokio::spawn(async move {
                    let Some(asked) = read(&mut stream).await else { return };
                    notes.lock().unwrap().push(asked);
                    let reply = queue.lock().unwrap().pop_front();
                    if let Some(reply) = reply {
                        play(&mut stream, reply, &leave).await;
                    }
                });
            }
        });
        Self { port, replies, asked, gone }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn left(&self) -> usize {
        self.replies.lock().unwrap().len()
    }

    /// Waits until a client went away from a server that held.
    pub(crate) async fn is_left(&self) {
        self.gone.clone().wait_for(|gone| *gone > 0).await.unwrap();
    }
}

/// A request; `None` when none came.
async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    while bytes.len() < head_end + length.unwrap_or(0) {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.to_owned();
    Some(Asked { path, head, body: serde_json::from_slice(&bytes[head_end..]).ok()? })
}

async fn play(stream: &mut TcpStream, reply: Reply, leave: &watch::Sender<usize>) {
    if reply.is_silent {
        return hold(stream, leave).await;
    }
    let length: usize = reply.body.iter().map(String::len).sum();
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &match reply.framing {
        Framing::Chunked => "transfer-encoding: chunked\r\n\r\n".to_owned(),
        Framing::Length(lie) => format!("content-length: {}\r\n\r\n", length.saturating_add_signed(lie)),
    };
    let mut wire = head.into_bytes();
    for piece in &reply.body {
        match reply.framing {
            Framing::Chunked => wire.extend(format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes()),
            Framing::Length(_) => wire.extend(piece.bytes()),
        }
    }
    if reply.ending == Ending::Clean && matches!(reply.framing, Framing::Chunked) {
        wire.extend(b"0\r\n\r\n");
    }
    // A client that has gone is one of the cases.
    if stream.write_all(&wire).await.is_ok() && reply.ending == Ending::Hold {
        hold(stream, leave).await;
    }
}

async fn hold(stream: &mut TcpStream, leave: &watch::Sender<usize>) {
    let mut rest = [0; 64];
    while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    leave.send_modify(|gone| *gone += 1);
}
