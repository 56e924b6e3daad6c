//! An answer in prose as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, post, web};
use commandcenter_domain::identity::{Caller, Credential};
use commandcenter_domain::knowledge::{AskPolicy, Grouping};
use commandcenter_domain::shared::{ApiKeyId, Checker, Invalid};
use commandcenter_services::knowledge::{Ask, AskEvent, Asking};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval_at};

use super::answer_view::{AskKnowledge, AskedPassagesView, EndView, PassageKey, StatementView};
use super::question;
use crate::context;
use crate::extract::{Json, ScopeAuth};
use crate::problem::Problem;
use crate::sse;
use crate::state::AppState;

/// Time between two signs of life while the model says nothing. A client that went away is found out by writing to it, and its model stopped.
const HEARTBEAT: Duration = Duration::from_millis(400);
/// Events that wait for a slow reader before the model is held up.
const WAITING: usize = 16;
/// Passages that an answer leans on when nothing else is asked for.
const PASSAGES: i64 = 8;
/// The most that it may lean on.
const MOST_PASSAGES: i64 = 20;

/// Answers a question in prose, as server-sent events: `passages` once, with what the answer may lean on, numbered from 1; `statement` for
/// each sentence, after every quote it gives was looked for in the passage it names; `end` once. Statements whose source does not hold
/// are marked `unsupported`, or left out with `policy: drop`. When no model plays the role `answer` the passages are all there is, and `end`
/// says what to configure. The model is stopped when the connection closes.
#[utoipa::path(tag = "knowledge", request_body = AskKnowledge, responses(
    (status = 200, description = "`passages`, then any number of `statement`, then `end`; the schema is that of `statement`'s data",
        body = StatementView, content_type = "text/event-stream"),
))]
#[post("/knowledge/ask")]
pub(super) async fn answer(
    app: web::Data<AppState>,
    ScopeAuth(caller, scope): ScopeAuth,
    Json(body): Json<AskKnowledge>,
) -> Result<HttpResponse, Problem> {
    context::asks_models();
    let ask = parse(&caller, body)?;
    let asking = app.answers.ask(scope, ask).await?;
    let (told, events) = mpsc::channel(WAITING);
    actix_web::rt::spawn(tell(asking, told));
    let heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    let body = futures::stream::unfold((app, events, heartbeat), next);
    Ok(sse::events(body))
}

/// What a body asks.
fn parse(caller: &Caller, body: AskKnowledge) -> Result<Ask, Problem> {
    let (policy, limit, query) = body.split();
    let mut check = Checker::new();
    let limit = check.number("limit", limit.unwrap_or(PASSAGES), (1, MOST_PASSAGES));
    let policy = check.choice("policy", policy.as_deref().unwrap_or("mark"), AskPolicy::parse);
    let policy = check.finish(policy)?.unwrap_or(AskPolicy::Mark);
    let mut question = question::parse(&question::QueryKnowledge { limit: Some(limit), ..query }).map_err(renamed)?;
    // Two passages of one document may both be needed.
    question.grouping = Grouping::Passage;
    Ok(Ask { question, policy, api_key: key_of(caller) })
}

/// What a query calls `query` is called `question` here.
fn renamed(Invalid(mut errors): Invalid) -> Invalid {
    for error in errors.iter_mut().filter(|error| error.field == "query") {
        "question".clone_into(&mut error.field);
    }
    Invalid(errors)
}

fn key_of(caller: &Caller) -> Option<ApiKeyId> {
    match caller.credential {
        Credential::Session(_) => None,
        Credential::PersonalKey(key) | Credential::ProjectKey { key, .. } => Some(key),
    }
}

/// Follows an answer to its end, or until nobody reads it any more: dropping it stops the model.
async fn tell(mut asking: Asking, told: mpsc::Sender<Bytes>) {
    let mut passages = Vec::new();
    loop {
        let event = tokio::select! {
            () = told.closed() => return,
            event = asking.next() => event,
        };
        let Some(event) = event else { return };
        if told.send(block(event, &mut passages)).await.is_err() {
            return;
        }
    }
}

/// An event as a block. Statements name passages by number: `passages` keeps what those are.
fn block(event: AskEvent, passages: &mut Vec<PassageKey>) -> Bytes {
    let (name, data) = match event {
        AskEvent::Passages(found) => {
            *passages = found.hits.iter().map(PassageKey::from).collect();
            ("passages", serde_json::to_string(&AskedPassagesView::from(&*found)))
        }
        AskEvent::Statement(statement) => ("statement", serde_json::to_string(&StatementView::new(statement, passages))),
        AskEvent::End(end) => ("end", serde_json::to_string(&EndView::from(end))),
    };
    let data = data.unwrap_or_else(|error| {
        tracing::error!(%error, "an event of an answer cannot be written as JSON");
        "null".to_owned()
    });
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

type Following = (web::Data<AppState>, mpsc::Receiver<Bytes>, Interval);

/// The next bytes; none when all is told or the server stops.
async fn next((app, mut events, mut heartbeat): Following) -> Option<(Result<Bytes, Infallible>, Following)> {
    let bytes = tokio::select! {
        biased;
        () = app.closing.cancelled() => return None,
        event = events.recv() => event?,
        _ = heartbeat.tick() => Bytes::from_static(b": still here\n\n"),
    };
    Some((Ok(bytes), (app, events, heartbeat)))
}
