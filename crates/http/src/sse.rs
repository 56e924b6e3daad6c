//! Answers that come as server-sent events.

use std::error::Error;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentEncoding};
use actix_web::web::Bytes;
use futures::Stream;

/// An answer whose blocks are sent as they come.
pub(crate) fn events<E: Error + 'static>(blocks: impl Stream<Item = Result<Bytes, E>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        // A compressor or a proxy that collects bytes would hold events back.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .streaming(blocks)
}
