//! Which answers are kept, and how one is given again.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use commandcenter_domain::idempotency::Answer;

/// Says that an answer is the first one, given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that are part of what was said.
const KEPT: [HeaderName; 3] = [header::LOCATION, header::ETAG, header::CONTENT_TYPE];
/// Longest body that is kept: an answer shows what was sent, and that is 1 MiB of JSON at most.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Whether an answer is the outcome of carrying the request out. What was refused before, or failed, created nothing: the same key may be
/// tried again.
pub(super) fn is_outcome<B: MessageBody>(response: &HttpResponse<B>) -> bool {
    let status = response.status();
    let is_decided = status.is_success() || matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT);
    is_decided && matches!(response.body().size(), BodySize::None | BodySize::Sized(..=LONGEST))
}

/// Reads an answer. Gives it back to be sent, with what of it is kept; the latter is missing when it is no text.
pub(super) async fn read<B: MessageBody>(response: HttpResponse<B>) -> Result<(HttpResponse, Option<Answer>), B::Error> {
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await?;
    let header = |name: &HeaderName| Some((name.as_str().to_owned(), head.headers().get(name)?.to_str().ok()?.to_owned()));
    let headers = KEPT.iter().filter_map(header).collect();
    let text = std::str::from_utf8(&bytes).ok();
    let answer = text.map(|text| Answer { status: head.status().as_u16(), headers, body: text.to_owned() });
    Ok((head.set_body(bytes).map_into_boxed_body(), answer))
}

/// The first answer, again.
pub(super) fn again(answer: Answer) -> HttpResponse {
    let Answer { status, headers, body } = answer;
    let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
    for header in headers {
        response.insert_header(header);
    }
    response.insert_header((REPLAYED, "true")).body(body)
}
