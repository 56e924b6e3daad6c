//! A server of models that takes requests and keeps them: what matters is how long its clients stay.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The head of a stream whose events never come.
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// How far the server gets before it falls silent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// It reads the request.
    Asked,
    /// It answers with a head, and no event follows.
    Head,
}

/// The server. What it was asked and who went away is counted.
pub(super) struct Held {
    pub(super) url: String,
    asked: watch::Receiver<usize>,
    gone: watch::Receiver<usize>,
}

impl Held {
    pub(super) async fn start(until: Until) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ((ask, asked), (leave, gone)) = (watch::channel(0), watch::channel(0));
        let (ask, leave) = (Arc::new(ask), Arc::new(leave));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hold(stream, until, (ask.clone(), leave.clone())));
            }
        });
        Self { url, asked, gone }
    }

    /// Waits for so many requests.
    pub(super) async fn is_asked(&self, times: usize) {
        self.asked.clone().wait_for(|asked| *asked >= times).await.unwrap();
    }

    /// Waits until so many clients went away.
    pub(super) async fn is_left(&self, times: usize) {
        self.gone.clone().wait_for(|gone| *gone >= times).await.unwrap();
    }
}

async fn hold(mut stream: TcpStream, until: Until, (ask, leave): (Arc<watch::Sender<usize>>, Arc<watch::Sender<usize>>)) {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
            continue;
        }
        return;
    }
    if matches!(until, Until::Head) {
        stream.write_all(HEAD.as_bytes()).await.unwrap();
    }
    ask.send_modify(|asked| *asked += 1);
    while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
    leave.send_modify(|gone| *gone += 1);
}

/// Whether a request is there to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
