//! Following a job: over its WebSocket, and by asking again and again where there is none.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::client::request::Request;
use crate::client::session::Client;
use crate::error::CliError;

/// Between two questions when there is no WebSocket.
const POLL: Duration = Duration::from_millis(700);
/// A server pings every 20 seconds; one that is silent for longer is gone.
const SILENCE: Duration = Duration::from_mins(1);

/// What a job says of itself on the way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame(pub(crate) Value);

impl Frame {
    /// Its status, such as `running`.
    pub(crate) fn status(&self) -> &str {
        self.0.get("status").and_then(Value::as_str).unwrap_or("unknown")
    }
    /// How much is done, in percent.
    pub(crate) fn progress(&self) -> Option<u64> {
        let progress = self.0.get("progress")?;
        progress.as_u64().or_else(|| progress.as_str()?.parse().ok())
    }
    /// What it does now.
    pub(crate) fn step(&self) -> &str {
        self.0.get("current_step").and_then(Value::as_str).unwrap_or_default()
    }
    /// What the WebSocket would have said of a job as it stands.
    fn of(view: &Value) -> Self {
        let field = |name: &str| view.get(name).cloned().unwrap_or_default();
        let mut frame = json!({ "type": "progress", "job_id": field("id"), "status": field("status") });
        let over = frame.get("status").and_then(Value::as_str).is_some_and(is_over);
        let (kind, fields) = if over { ("completed", ["result", "error"]) } else { ("progress", ["progress", "current_step"]) };
        frame["type"] = kind.into();
        for name in fields {
            frame[name] = field(name);
        }
        Self(frame)
    }
    fn is_last(&self) -> bool {
        self.0.get("type").and_then(Value::as_str) == Some("completed")
    }
}

/// Whether a job of this status will never run again.
fn is_over(status: &str) -> bool {
    matches!(status, "completed" | "failed" | "cancelled" | "dead")
}

/// Follows a job of the chosen project to its end, telling `watcher` what changes; the job as it ended.
pub(crate) async fn follow(client: &Client, job: &str, watcher: &mut (dyn FnMut(&Frame) + Send)) -> Result<Value, CliError> {
    // Asked first: it tells a job that is not there from a WebSocket that is not, and refreshes an expired login.
    let view = client.ask_project(Request::get(format!("/jobs/{job}"))).await?;
    let frame = Frame::of(&view);
    if frame.is_last() {
        watcher(&frame);
        return Ok(view);
    }
    match listen(client, job, watcher).await {
        Some(()) => client.ask_project(Request::get(format!("/jobs/{job}"))).await,
        None => tell_by_asking(client, job, frame, watcher).await,
    }
}

/// Listens until the last frame; `None` when there is no WebSocket, or it broke.
async fn listen(client: &Client, job: &str, watcher: &mut (dyn FnMut(&Frame) + Send)) -> Option<()> {
    let project = client.chosen_project().await.ok()?;
    let url = format!("{}/api/v1/jobs/ws/{job}", client.server().replacen("http", "ws", 1));
    let mut request = url.into_client_request().ok()?;
    request.headers_mut().extend(client.headers(project).await.ok()?);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.ok()?;
    loop {
        match tokio::time::timeout(SILENCE, socket.next()).await.ok()?? {
            Ok(Message::Text(text)) => {
                let frame = Frame(serde_json::from_str(&text).ok()?);
                watcher(&frame);
                if frame.is_last() {
                    let _ = socket.close(None).await;
                    return Some(());
                }
            }
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(_)) | Err(_) => return None,
        }
    }
}

async fn tell_by_asking(client: &Client, job: &str, mut last: Frame, watcher: &mut (dyn FnMut(&Frame) + Send)) -> Result<Value, CliError> {
    watcher(&last);
    loop {
        tokio::time::sleep(POLL).await;
        let view = client.ask_project(Request::get(format!("/jobs/{job}"))).await?;
        let frame = Frame::of(&view);
        if (frame.status(), frame.progress(), frame.step()) != (last.status(), last.progress(), last.step()) {
            watcher(&frame);
        }
        if frame.is_last() {
            return Ok(view);
        }
        last = frame;
    }
}
