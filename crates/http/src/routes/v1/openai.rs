//! Chat Completions, embeddings and the list of models, for clients of `OpenAI`.

use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use commandcenter_services::llm::KnownModel;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{ChatCompletionBody, EmbeddingBody};
use super::stream::{Writer, spoken_stream};
use super::{Entered, ask, head, spoken};
use crate::compat::openai;
use crate::extract::Scope;
use crate::presence::while_there;
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(chat_completions).service(embeddings).service(list_models);
}

/// Answers as Chat Completions do, streamed with `stream: true`. `model` is `<provider>/<model>`, a model's bare name, or `role:<name>`. A
/// stream that broke off ends with an error that says why and what was billed, and without `[DONE]`. Authorise with an API key of
/// CommandCenter; one that is not bound to a project needs `X-Project-ID`. With `x-commandcenter-cache: <seconds>` an answer to the same request that
/// is not older will do.
#[utoipa::path(tag = "v1", request_body = ChatCompletionBody, responses(
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
#[post("/v1/chat/completions")]
async fn chat_completions(app: web::Data<AppState>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    spoken(complete(&app, &request, payload).await, openai::write_error)
}

async fn complete(app: &AppState, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let entered = Entered::of(request, payload).await?;
    let parsed = openai::parse_request(&entered.body)?;
    if parsed.is_streamed {
        let (opened, kept) = ask::stream(app, request, (&entered, &parsed)).await?;
        let writer = openai::StreamWriter::new(head(app, opened.attempt, parsed.model), parsed.shows_usage);
        return Ok(ask::marked(spoken_stream(opened, Writer::OpenAi(writer), app.closing.clone()), kept));
    }
    let (answered, kept) = ask::chat(app, request, (&entered, &parsed)).await?;
    let head = head(app, answered.attempt, parsed.model);
    Ok(ask::written(openai::write_answer(&head, &answered.answer), kept))
}

/// Vectors of texts, as `OpenAI` answers them.
#[utoipa::path(tag = "v1", request_body = EmbeddingBody, responses(
    (status = 200, description = "The vectors", body = serde_json::Value),
    (status = 400, description = "`project-required`, `malformed-json`, in the form of this dialect's errors, as all below", body = serde_json::Value),
    (status = 401, description = "`unauthenticated`", body = serde_json::Value),
    (status = 403, description = "Below member: `role-too-low`", body = serde_json::Value),
    (status = 404, description = "`project-not-found`", body = serde_json::Value),
    (status = 422, description = "`validation`, `unknown-model`", body = serde_json::Value),
    (status = 429, description = "`budget-exhausted`, `rate-limited`", body = serde_json::Value),
    (status = 502, description = "`provider-rejected-key`, `provider-refused`, `provider-failed`", body = serde_json::Value),
    (status = 503, description = "`llm-not-configured`, `provider-throttled`, `provider-unavailable`, `store-unavailable`", body = serde_json::Value),
))]
#[post("/v1/embeddings")]
async fn embeddings(app: web::Data<AppState>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    spoken(embed(&app, &request, payload).await, openai::write_error)
}

async fn embed(app: &AppState, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let entered = Entered::of(request, payload).await?;
    let parsed = openai::parse_embedding(&entered.body)?;
    let embedded = while_there(request, app.llm.models.embed(&entered.asker(), &parsed.model, &parsed.request)).await??;
    Ok(HttpResponse::Ok().json(openai::write_embedding(&parsed.model, &embedded.answer, parsed.encoding)))
}

/// The models that the project can call, as `<provider>/<model>`.
#[utoipa::path(tag = "v1", responses(
    (status = 200, description = "The models", body = serde_json::Value),
    (status = 400, description = "`project-required`, in the form of this dialect's errors, as all below", body = serde_json::Value),
    (status = 401, description = "`unauthenticated`", body = serde_json::Value),
    (status = 404, description = "`project-not-found`", body = serde_json::Value),
))]
#[get("/v1/models")]
async fn list_models(app: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    spoken(models(&app, &request).await, openai::write_error)
}

async fn models(app: &AppState, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let Scope(scope) = Scope::extract(request).await?;
    let known = app.llm.models.known(&scope).await?;
    let named = known.iter().map(|KnownModel { provider, model, .. }| (format!("{provider}/{}", model.model.name), provider.as_str()));
    let named: Vec<_> = named.collect();
    Ok(HttpResponse::Ok().json(openai::write_models(named.iter().map(|(id, provider)| (id.as_str(), *provider)))))
}
