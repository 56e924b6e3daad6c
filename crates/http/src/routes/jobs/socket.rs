//! A job followed on a WebSocket. Signals say when to read its row again; no timer does.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, Session};
use commandcenter_domain::event::{Signal, SignalStream};
use commandcenter_domain::identity::{IdentityError, ProjectScope};
use commandcenter_domain::job::{Items, Job, JobError, JobStatus};
use commandcenter_domain::shared::JobId;
use serde::Deserialize;
use tokio::time::{Instant, interval_at, sleep_until};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::frame::Frame;
use crate::extract::{Query, authorised_scope, bearer};
use crate::problem::Problem;
use crate::state::AppState;

/// Time between two pings.
const PING: Duration = Duration::from_secs(20);
/// A client that was silent for this long, pongs included, is gone.
const SILENCE: Duration = Duration::from_secs(70);
/// Wait before the row is read again after storage failed.
const AWAY: Duration = Duration::from_secs(1);

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(watch);
}

/// How a socket proves its right, when not by `Authorization`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WatchJob {
    /// From `POST /api/v1/auth/ws-ticket`; works once.
    ticket: Option<String>,
}

/// Follows a job on a WebSocket: first `connected`, then `progress` on every change, last `completed` (also for failed, cancelled and
/// dead jobs), then a normal close. Authorise with `Authorization` and `X-Project-ID`, or with a ticket.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path, description = "The job"), WatchJob), responses(
    (status = 101, description = "The socket is open"),
    (status = 404, description = "Not a job of the project: `job-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/jobs/ws/{id}")]
async fn watch(app: web::Data<AppState>, request: HttpRequest, body: web::Payload, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let id = JobId::new(*id);
    let scope = scope(&app, &request).await?.ok_or(JobError::NotFound(id))?;
    // Before the row is read, so that no change falls between.
    let signals = app.jobs.follow();
    let job = app.jobs.get(&scope, id).await?;
    let opened = actix_ws::handle(&request, body);
    let (response, session, messages) = opened.map_err(|_| Problem::malformed("websocket-required", "this path is for WebSockets"))?;
    let watcher = Watcher { app, scope, signals, seen: job };
    actix_web::rt::spawn(watcher.follow(session, messages));
    Ok(response)
}

/// The right of whoever opens the socket; `None` when they named no project of theirs.
async fn scope(app: &AppState, request: &HttpRequest) -> Result<Option<ProjectScope>, Problem> {
    if bearer(request).is_some() {
        return authorised_scope(request).await;
    }
    let query = Query::<WatchJob>::of(request)?;
    let ticket = query.0.ticket.ok_or(IdentityError::Unauthenticated)?;
    Ok(app.tickets.redeem(&ticket).await?.scope)
}

/// What a signal means to whoever follows a job.
enum News {
    /// Its row changed.
    Row,
    /// Its run got on.
    Progress(Advance),
    /// Nothing.
    Nothing,
}

/// What a run says of itself.
struct Advance {
    fence: i64,
    percent: i32,
    step: Option<String>,
    items: Items,
}

struct Watcher {
    app: web::Data<AppState>,
    scope: ProjectScope,
    signals: Box<dyn SignalStream>,
    /// The job as the client knows it.
    seen: Job,
}

/// Why a socket is closed.
enum End {
    /// Everything was said.
    Done,
    /// The job was deleted.
    Deleted,
    /// The server stops; the client may come back.
    Stopping,
    /// The client is gone, or said goodbye.
    Gone,
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

impl Watcher {
    async fn follow(mut self, mut session: Session, mut messages: MessageStream) {
        let end = match self.tell(&mut session, &mut messages).await {
            Ok(end) | Err(end) => end,
        };
        let reason = match end {
            End::Done | End::Gone => CloseReason::from(CloseCode::Normal),
            End::Deleted => CloseReason::from((CloseCode::Normal, "the job was deleted")),
            End::Stopping => CloseReason::from((CloseCode::Away, "the server stops")),
        };
        drop(session.close(Some(reason)).await);
    }

    async fn tell(&mut self, session: &mut Session, messages: &mut MessageStream) -> Result<End, End> {
        send(session, &Frame::connected(&self.seen)).await?;
        if self.seen.status.is_terminal() {
            send(session, &Frame::completed(&self.seen)).await?;
            return Ok(End::Done);
        }
        let mut pings = interval_at(Instant::now() + PING, PING);
        let (mut heard, mut again) = (Instant::now(), None);
        loop {
            let stale = tokio::select! {
                () = self.app.closing.cancelled() => return Ok(End::Stopping),
                message = messages.recv() => {
                    heard = Instant::now();
                    answer(session, message).await?;
                    false
                }
                _ = pings.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Ok(End::Gone);
                    }
                    session.ping(b"").await?;
                    false
                }
                signal = self.signals.next() => match self.concerns(signal)? {
                    News::Row => true,
                    News::Nothing => false,
                    News::Progress(progress) => {
                        self.advance(session, progress).await?;
                        false
                    }
                },
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => true,
            };
            if stale {
                again = self.refresh(session).await?;
            }
        }
    }

    fn concerns(&self, signal: Option<Signal>) -> Result<News, End> {
        match signal {
            Some(Signal::JobChanged { job, .. }) if job == self.seen.id => Ok(News::Row),
            Some(Signal::JobProgress { job, fence, percent, step, items, .. }) if job == self.seen.id => {
                let (done, failed, total) = items;
                Ok(News::Progress(Advance { fence, percent, step, items: Items { done, failed, total } }))
            }
            Some(Signal::Resync) => Ok(News::Row),
            Some(_) => Ok(News::Nothing),
            None => Err(End::Stopping),
        }
    }

    /// Tells what a run says of itself: newer than the row, and without a look at it. What an earlier run said is old news.
    async fn advance(&mut self, session: &mut Session, now: Advance) -> Result<(), End> {
        if self.seen.status != JobStatus::Running || now.fence != self.seen.fence {
            return Ok(());
        }
        let Advance { percent, step, items, .. } = now;
        let job = Job { progress: percent, current_step: step, items, ..self.seen.clone() };
        let news = Frame::progress(&job);
        if news != Frame::progress(&self.seen) {
            send(session, &news).await?;
        }
        self.seen = job;
        Ok(())
    }

    /// Reads the row and tells what is new. When storage fails, answers when to try again.
    async fn refresh(&mut self, session: &mut Session) -> Result<Option<Instant>, End> {
        let job = match self.app.jobs.get(&self.scope, self.seen.id).await {
            Ok(job) => job,
            Err(JobError::NotFound(_)) => return Err(End::Deleted),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a followed job cannot be read");
                return Ok(Some(Instant::now() + AWAY));
            }
        };
        let news = Frame::progress(&job);
        if news != Frame::progress(&self.seen) {
            send(session, &news).await?;
        }
        self.seen = job;
        if self.seen.status.is_terminal() {
            send(session, &Frame::completed(&self.seen)).await?;
            return Err(End::Done);
        }
        Ok(None)
    }
}

async fn send(session: &mut Session, frame: &Frame) -> Result<(), End> {
    let text = serde_json::to_string(frame).map_err(|_| End::Gone)?;
    Ok(session.text(text).await?)
}

/// What the client says: only control frames mean anything.
async fn answer(session: &mut Session, message: Option<Result<Message, actix_ws::ProtocolError>>) -> Result<(), End> {
    match message {
        Some(Ok(Message::Ping(bytes))) => Ok(session.pong(&bytes).await?),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Continuation(_) | Message::Pong(_) | Message::Nop)) => Ok(()),
    }
}
