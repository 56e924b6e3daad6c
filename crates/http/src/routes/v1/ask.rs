//! Asking a model for a client: as long as the client is there, and with a kept answer where the client says that one will do.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use commandcenter_domain::llm::{Answered, KeptFor, OpenedStream};
use commandcenter_domain::shared::Invalid;
use commandcenter_services::llm::Kept;
use serde_json::{Value, json};

use super::Entered;
use crate::compat::Parsed;
use crate::presence::while_there;
use crate::problem::Problem;
use crate::state::AppState;

/// In a request: how many seconds old an answer may be. In an answer: whether it was kept from before.
const CACHE: HeaderName = HeaderName::from_static("x-commandcenter-cache");

/// A whole answer, and whether it was kept if the client asked for that.
pub(super) async fn chat(
    app: &AppState,
    request: &HttpRequest,
    (entered, parsed): (&Entered, &Parsed),
) -> Result<(Answered, Option<Kept>), Problem> {
    let (models, asker) = (&app.llm.models, entered.asker());
    let Some(keep) = kept_for(request)? else {
        return Ok((while_there(request, models.chat(&asker, &parsed.model, &parsed.request)).await??, None));
    };
    let asking = models.chat_kept(&asker, &parsed.model, (&parsed.request, keep));
    let (answered, kept) = while_there(request, asking).await??;
    Ok((answered, Some(kept)))
}

/// An answer as it comes, and whether it was kept if the client asked for that.
pub(super) async fn stream(
    app: &AppState,
    request: &HttpRequest,
    (entered, parsed): (&Entered, &Parsed),
) -> Result<(OpenedStream, Option<Kept>), Problem> {
    let (models, asker) = (&app.llm.models, entered.asker());
    let Some(keep) = kept_for(request)? else {
        return Ok((while_there(request, models.stream(&asker, &parsed.model, &parsed.request)).await??, None));
    };
    let asking = models.stream_kept(&asker, &parsed.model, (&parsed.request, keep));
    let (opened, kept) = while_there(request, asking).await??;
    Ok((opened, Some(kept)))
}

/// An answer as JSON, marked if it was kept.
pub(super) fn written(mut answer: Value, kept: Option<Kept>) -> HttpResponse {
    if kept == Some(Kept::Hit) {
        answer["commandcenter"] = json!({ "cached": true });
    }
    marked(HttpResponse::Ok().json(answer), kept)
}

/// A response with the header that says whether it was kept.
pub(super) fn marked(mut response: HttpResponse, kept: Option<Kept>) -> HttpResponse {
    let text = match kept {
        Some(Kept::Hit) => "hit",
        Some(Kept::Miss) => "miss",
        None => return response,
    };
    response.headers_mut().insert(CACHE, HeaderValue::from_static(text));
    response
}

fn kept_for(request: &HttpRequest) -> Result<Option<KeptFor>, Invalid> {
    let Some(value) = request.headers().get(&CACHE) else { return Ok(None) };
    KeptFor::parse(CACHE.as_str(), value.to_str().unwrap_or_default()).map(Some)
}
