//! Security headers, on every answer.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The policy of everything but the API browser: own files only, nothing inline.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
/// Swagger UI styles its elements inline and shows embedded images.
const DOCS_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const FIXED: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Adds the headers; a handler's own stay.
pub(super) fn secure(headers: &mut HeaderMap, path: &str) {
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    let policy = if path.starts_with("/docs") { DOCS_POLICY } else { POLICY };
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if path.starts_with("/api/") && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The same headers, for an answer that is made where no header map is at hand.
pub(super) fn fixed() -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    FIXED.into_iter().chain([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))])
}
