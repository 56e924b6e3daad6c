//! A job followed on a WebSocket. What is told comes from the one reader that all watchers of the job share.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, Session};
use bytestring::ByteString;
use commandcenter_domain::identity::{IdentityError, ProjectScope};
use commandcenter_domain::job::{Job, JobError};
use commandcenter_domain::shared::JobId;
use serde::Deserialize;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::audience::{Audiences, Ended, Told};
use super::frame::Frame;
use super::reader::{RowOf, Source};
use crate::extract::{Query, authorised_scope, bearer};
use crate::problem::Problem;
use crate::state::AppState;

/// Time between two pings.
const PING: Duration = Duration::from_secs(20);
/// A client that was silent for this long, pongs included, is gone.
const SILENCE: Duration = Duration::from_secs(70);

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
async fn watch(
    app: web::Data<AppState>,
    audiences: web::Data<Audiences>,
    request: HttpRequest,
    body: web::Payload,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let id = JobId::new(*id);
    let scope = scope(&app, &request).await?.ok_or(JobError::NotFound(id))?;
    // Before the row is read, so that no change falls between.
    let signals = app.jobs.follow();
    // Each watcher reads it once: that is the proof of its right. What comes later is shared.
    let job = app.jobs.get(&scope, id).await?;
    let opened = actix_ws::handle(&request, body);
    let (response, session, messages) = opened.map_err(|_| Problem::malformed("websocket-required", "this path is for WebSockets"))?;
    let row = Box::new(RowOf { jobs: app.jobs.clone(), scope, id });
    let client = Client { session, messages, closing: app.closing.clone() };
    actix_web::rt::spawn(client.follow(audiences, job, Source { signals, row }));
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

/// The socket.
struct Client {
    session: Session,
    messages: MessageStream,
    /// The server is to stop.
    closing: CancellationToken,
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

impl From<serde_json::Error> for End {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a frame cannot be written");
        Self::Gone
    }
}

impl Client {
    async fn follow(mut self, audiences: web::Data<Audiences>, job: Job, source: Source) {
        let end = match self.take_part(&audiences, job, source).await {
            Ok(end) | Err(end) => end,
        };
        let reason = match end {
            End::Done | End::Gone => CloseReason::from(CloseCode::Normal),
            End::Deleted => CloseReason::from((CloseCode::Normal, "the job was deleted")),
            End::Stopping => CloseReason::from((CloseCode::Away, "the server stops")),
        };
        drop(self.session.close(Some(reason)).await);
    }

    async fn take_part(&mut self, audiences: &Audiences, job: Job, source: Source) -> Result<End, End> {
        let mut seat = audiences.join(job, source)?;
        let first = seat.borrow_and_update().clone();
        self.session.text(Frame::connected(&first.job).text()?).await?;
        let mut known = first.progress.clone();
        self.tell(first, &mut known).await?;
        self.listen(seat, known).await
    }

    /// Tells what is new until there is a reason to close. `known` is the frame that the client knows.
    async fn listen(&mut self, mut seat: Receiver<Told>, mut known: ByteString) -> Result<End, End> {
        let mut pings = interval_at(Instant::now() + PING, PING);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return Ok(End::Stopping),
                message = self.messages.recv() => {
                    heard = Instant::now();
                    self.answer(message).await?;
                }
                _ = pings.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Ok(End::Gone);
                    }
                    self.session.ping(b"").await?;
                }
                changed = seat.changed() => {
                    if changed.is_err() {
                        return Ok(End::Stopping);
                    }
                    let told = seat.borrow_and_update().clone();
                    self.tell(told, &mut known).await?;
                }
            }
        }
    }

    async fn tell(&mut self, told: Told, known: &mut ByteString) -> Result<(), End> {
        if told.progress != *known {
            self.session.text(told.progress.clone()).await?;
            *known = told.progress;
        }
        match told.end {
            None => Ok(()),
            Some(Ended::Deleted) => Err(End::Deleted),
            Some(Ended::Done(last)) => {
                self.session.text(last).await?;
                Err(End::Done)
            }
        }
    }

    /// What the client says: only control frames mean anything.
    async fn answer(&mut self, message: Option<Result<Message, actix_ws::ProtocolError>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Ping(bytes))) => Ok(self.session.pong(&bytes).await?),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
            Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Continuation(_) | Message::Pong(_) | Message::Nop)) => Ok(()),
        }
    }
}
