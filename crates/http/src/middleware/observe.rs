//! Gives a request its id and context, logs and counts it, and turns a panic into a problem.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use futures::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use super::headers;
use crate::context::{self, RequestContext};
use crate::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What of the time until the answer's first byte was ours.
const OVERHEAD: HeaderName = HeaderName::from_static("x-commandcenter-overhead-ms");

/// The outermost middleware.
pub(crate) async fn observe(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let context = RequestContext { id: request_id(&request), path: request.path().into(), elsewhere: Arc::default() };
    if context.path.starts_with("/v1/") {
        context.elsewhere.asks_models();
    }
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = %context.id, method = %method, path = %context.path, project_id = tracing::field::Empty);
    metrics::gauge!("commandcenter_http_requests_in_flight").increment(1.0);
    let served = context::within(context.clone(), AssertUnwindSafe(next.call(request)).catch_unwind()).instrument(span.clone()).await;
    metrics::gauge!("commandcenter_http_requests_in_flight").decrement(1.0);
    let Ok(result) = served else {
        return Err(context::within(context, async { panicked() }).await.into());
    };
    let mut response = result?;
    let elapsed = started.elapsed();
    // The template, not the path: a label per id would grow without bound.
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status();
    record(method.as_str(), &route, status, elapsed.as_secs_f64());
    span.in_scope(
        || tracing::info!(target: "access", status = status.as_u16(), route, duration_ms = elapsed.as_secs_f64() * 1e3, "request"),
    );
    headers::secure(response.headers_mut(), &context.path);
    if let Ok(value) = HeaderValue::from_str(&context.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    // A stream has its first event in hand here, and only its first bytes are still to be sent.
    if let Some(value) = context.elsewhere.ours(started.elapsed()).and_then(milliseconds) {
        response.headers_mut().insert(OVERHEAD, value);
    }
    Ok(response)
}

fn record(method: &str, route: &str, status: StatusCode, seconds: f64) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_str().to_owned())];
    metrics::counter!("commandcenter_http_requests_total", &labels).increment(1);
    metrics::histogram!("commandcenter_http_request_duration_seconds", &labels[..2]).record(seconds);
}

/// The client's id when well formed (1 to 128 of `[A-Za-z0-9._-]`), else a new one.
fn request_id(request: &ServiceRequest) -> Arc<str> {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let good =
        |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    match given.filter(good) {
        Some(id) => id.into(),
        None => Uuid::now_v7().to_string().into(),
    }
}

/// A time in milliseconds, to the microsecond.
fn milliseconds(time: Duration) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{:.3}", time.as_secs_f64() * 1e3)).ok()
}

fn panicked() -> Problem {
    tracing::error!("a handler panicked");
    let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", None);
    headers::fixed().fold(problem, |problem, (name, value)| problem.with_header(name, value))
}
