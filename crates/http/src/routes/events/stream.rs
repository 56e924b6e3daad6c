//! A project's events as server-sent events. News say when to read on; no short timer does.
//!
//! The blocks are written by hand: a block that has nothing but an `id:` tells the client how far it is without being an event. So a client
//! that loses its connection before its first event, or behind events that its filter leaves out, still resumes from where it was.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, web};
use commandcenter_domain::event::EventFilter;
use commandcenter_domain::identity::{Caller, IdentityError, ProjectScope};
use commandcenter_domain::shared::{EventId, Invalid, ProjectId};
use commandcenter_services::event::{Batch, Following, Start};
use commandcenter_services::identity::Authorised;
use serde::Deserialize;
use tokio::time::{Instant, Interval, interval_at, sleep_until};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::EventView;
use crate::extract::{Query, ScopeAuth, bearer};
use crate::problem::Problem;
use crate::sse;
use crate::state::AppState;

/// Time between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Longest time without a look, in case news were lost.
const POLL: Duration = Duration::from_secs(30);
/// Wait before the next look after storage failed.
const AWAY: Duration = Duration::from_secs(1);
/// What a browser waits before it connects again.
const RETRY_MS: u64 = 2000;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(stream);
}

/// How a reader proves its right, when not by `Authorization`, and what it wants.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FollowEvents {
    /// From `POST /api/v1/auth/ws-ticket`, asked with `X-Project-ID`; works once.
    ticket: Option<String>,
    /// Resume behind this event; `0` for everything that is kept. The header `Last-Event-ID` is stronger.
    #[param(value_type = Option<i64>, minimum = 0)]
    last_event_id: Option<String>,
    /// Types that are wanted, such as `cc.job.*,cc.technology.created.v1`; everything if left out.
    types: Option<String>,
}

/// Follows the project's events as server-sent events: `id:` is the event's id, `event:` its type, `data:` the event as JSON. Begins with
/// what is committed from now on, or resumes without loss behind `Last-Event-ID`. A comment comes every 20 seconds. Authorise with
/// `Authorization` and `X-Project-ID`, or with a ticket.
#[utoipa::path(tag = "events", params(
    FollowEvents,
    ("Last-Event-ID" = Option<i64>, Header, description = "Resume behind this event; browsers send it when they connect again", minimum = 0),
), responses(
    (status = 200, description = "The events; the schema is that of a block's `data`", body = EventView, content_type = "text/event-stream"),
    (status = 400, description = "No project is named, or the ticket was asked without one: `project-required`", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No, expired or revoked credentials, or a ticket that is used or old: `unauthenticated`", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The event to resume behind is not kept: `events-gone`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`types` or `last_event_id` cannot be read: `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/events/stream")]
async fn stream(app: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Query(query) = Query::<FollowEvents>::of(&request)?;
    let (right, scope) = right(&app, &request, query.ticket.as_deref()).await?;
    let start = start(&request, query.last_event_id.as_deref())?;
    let filter = EventFilter::parse(query.types.as_deref())?;
    let following = app.events.follow(scope, start, filter).await?;
    let body = futures::stream::unfold(Teller::new(app, following, right), Teller::next);
    Ok(sse::events(body))
}

/// What a connection that outlives its request was opened with.
struct Right {
    caller: Caller,
    bearer: Option<String>,
    project: ProjectId,
}

/// The right of whoever follows: as everywhere, or by a ticket, since browsers send no headers with an `EventSource`.
async fn right(app: &AppState, request: &HttpRequest, ticket: Option<&str>) -> Result<(Right, ProjectScope), Problem> {
    let bearer = bearer(request).map(str::to_owned);
    let (caller, scope) = match ticket.filter(|_| bearer.is_none()) {
        Some(ticket) => {
            let Authorised { caller, scope } = app.tickets.redeem(ticket).await?;
            (caller, scope.ok_or(IdentityError::ProjectRequired)?)
        }
        None => ScopeAuth::extract(request).await.map(|ScopeAuth(caller, scope)| (caller, scope))?,
    };
    Ok((Right { caller, bearer, project: scope.project() }, scope))
}

/// Where to begin. A browser that connects again sends the address it was first given, and in the header how far it came.
fn start(request: &HttpRequest, asked: Option<&str>) -> Result<Start, Invalid> {
    let header = request.headers().get("last-event-id").map(|value| value.to_str().unwrap_or("?"));
    let text = header.filter(|text| !text.is_empty()).or(asked);
    let Some(text) = text else { return Ok(Start::Now) };
    let id = text.trim().parse().ok().filter(|id: &i64| *id >= 0);
    let id = id.ok_or_else(|| Invalid::one("last_event_id", "invalid", "must be the id of an event, or 0"))?;
    Ok(Start::after(EventId::new(id)))
}

/// Writes what a reader learns. It is asked only when the connection takes more, so a slow client is read for slowly.
struct Teller {
    app: web::Data<AppState>,
    right: Right,
    following: Following,
    heartbeat: Interval,
    /// When to look without being told to.
    look_at: Instant,
    is_new: bool,
    _open: Open,
}

/// Counts an open stream.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("commandcenter_event_streams").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("commandcenter_event_streams").decrement(1.0);
    }
}

impl Teller {
    fn new(app: web::Data<AppState>, following: Following, right: Right) -> Self {
        let now = Instant::now();
        let heartbeat = interval_at(now + HEARTBEAT, HEARTBEAT);
        Self { app, right, following, heartbeat, look_at: now, is_new: true, _open: Open::new() }
    }

    /// The next bytes; none when the server stops or the right is gone.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if std::mem::take(&mut self.is_new) {
            return Some((Ok(format!("retry: {RETRY_MS}\nid: {}\n\n", self.following.reached()).into()), self));
        }
        loop {
            tokio::select! {
                // In this order: a stop is not held up, and a sign of life is not either.
                biased;
                () = self.app.closing.cancelled() => return None,
                _ = self.heartbeat.tick() => return Some((Ok(Bytes::from_static(b": still here\n\n")), self)),
                () = sleep_until(self.look_at) => {}
                () = self.following.news() => {}
            }
            match self.read().await {
                Ok(text) if text.is_empty() => {}
                Ok(text) => return Some((Ok(text.into()), self)),
                Err(End) => return None,
            }
        }
    }

    /// Reads on, and decides when to look again.
    async fn read(&mut self) -> Result<String, End> {
        let before = self.following.reached();
        let (wait, text) = match self.batch().await {
            Ok(Some(batch)) if batch.is_full => (Duration::ZERO, write(batch, before)),
            Ok(Some(batch)) => (POLL, write(batch, before)),
            Ok(None) => return Err(End),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "followed events cannot be read");
                (AWAY, String::new())
            }
        };
        self.look_at = Instant::now() + wait;
        Ok(text)
    }

    /// What came; none when the right to it is gone: sessions end, keys are revoked, members leave while a connection stays open.
    async fn batch(&mut self) -> Result<Option<Batch>, IdentityError> {
        let Right { caller, bearer, project } = &self.right;
        if !self.app.access.still_holds(caller, bearer.as_deref(), *project).await? {
            return Ok(None);
        }
        Ok(Some(self.following.read().await?))
    }
}

/// The stream is over.
struct End;

/// The blocks of a batch. Behind events that were left out, one that only says how far the client is.
fn write(batch: Batch, before: EventId) -> String {
    let mut text = String::new();
    let mut told = before;
    for event in batch.events {
        told = event.id;
        let view = EventView::from(event);
        match serde_json::to_string(&view) {
            Ok(json) => text.push_str(&format!("id: {told}\nevent: {}\ndata: {json}\n\n", view.kind())),
            Err(error) => tracing::error!(%error, "an event cannot be written as JSON"),
        }
    }
    if told != batch.reached {
        text.push_str(&format!("id: {}\n\n", batch.reached));
    }
    text
}
