//! Messages, for clients of Anthropic.

use actix_web::{HttpRequest, HttpResponse, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::MessagesBody;
use super::stream::{Writer, spoken_stream};
use super::{Entered, ask, head, spoken};
use crate::compat::anthropic;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(messages);
}

/// Answers as Messages do, streamed with `stream: true`. `model` is `<provider>/<model>`, a model's bare name, or `role:<name>`. A stream that
/// broke off ends with an `error` event and without `message_stop`. Authorise with an API key of CommandCenter, as `x-api-key` or as a
/// bearer token; one that is not bound to a project needs `X-Project-ID`. With `x-commandcenter-cache: <seconds>` an answer to the same request that is
/// not older will do.
#[utoipa::path(tag = "v1", request_body = MessagesBody, responses(
    (status = 200, description = "The answer, or its stream", content((serde_json::Value = "application/json"), (String = "text/event-stream"))),
    (status = 400, description = "`project-required`, `malformed-json`, in the form of this dialect's errors, as all below", body = serde_json::Value),
    (status = 401, description = "`unauthenticated`", body = serde_json::Value),
    (status = 403, description = "Below member: `role-too-low`", body = serde_json::Value),
    (status = 404, description = "`project-not-found`", body = serde_json::Value),
    (status = 413, description = "`body-too-large`: more than 16 MiB", body = serde_json::Value),
    (status = 415, description = "`unsupported-media-type`", body = serde_json::Value),
    (status = 422, description = "`validation`, `unknown-model`, `context-too-long`", body = serde_json::Value),
    (status = 429, description = "`budget-exhausted`, `rate-limited`", body = serde_json::Value),
    (status = 502, description = "`provider-rejected-key`, `provider-refused`, `provider-failed`, `schema-mismatch`", body = serde_json::Value),
    (status = 503, description = "`llm-not-configured`, `provider-throttled`, `provider-unavailable`, `store-unavailable`", body = serde_json::Value),
    (status = 504, description = "`provider-timeout`", body = serde_json::Value),
))]
#[post("/v1/messages")]
async fn messages(app: web::Data<AppState>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    spoken(answer(&app, &request, payload).await, anthropic::write_error)
}

async fn answer(app: &AppState, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let entered = Entered::of(request, payload).await?;
    let parsed = anthropic::parse_request(&entered.body)?;
    if parsed.is_streamed {
        let (opened, kept) = ask::stream(app, request, (&entered, &parsed)).await?;
        let writer = anthropic::StreamWriter::new(head(app, opened.attempt, parsed.model));
        return Ok(ask::marked(spoken_stream(opened, Writer::Anthropic(writer), app.closing.clone()), kept));
    }
    let (answered, kept) = ask::chat(app, request, (&entered, &parsed)).await?;
    let head = head(app, answered.attempt, parsed.model);
    Ok(ask::written(anthropic::write_answer(&head, &answered.answer), kept))
}
