//! RFC 9457 problems: the one shape of every error answer, and the one mapping from an error's class to a status.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use commandcenter_domain::{Classified, Fault, FieldError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::context;

/// Base of every problem's `type`; each slug is documented in the book's page on problems.
const BASE: &str = "https://commandcenter.dev/problems/";

/// An error answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"type": "https://commandcenter.dev/problems/validation", "title": "Unprocessable Entity", "status": 422,
    "detail": "title: must not be empty", "instance": "/api/v1/technologies", "request_id": "0193a0b2-7c1e-7d5e-9e57-3f4d5a6b7c8d",
    "errors": [{"field": "title", "code": "required", "message": "must not be empty"}]}))]
pub struct Problem {
    /// URI of the kind of problem; its last segment is stable.
    #[serde(rename = "type")]
    kind: String,
    /// The status' name.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What went wrong this time, when it is the caller's to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Id to quote when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Every field that breaks a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One field that breaks a rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Path of the field, `a.b` style.
    field: String,
    /// Machine-readable rule.
    code: String,
    /// What to change.
    message: String,
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> Self {
        let FieldError { field, code, message } = error;
        Self { field: field.clone(), code: (*code).to_owned(), message: message.clone() }
    }
}

impl Problem {
    /// A problem of a kind, with a text for the caller.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: Option<String>) -> Self {
        let context = context::current();
        Self {
            kind: format!("{BASE}{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail,
            instance: context.as_ref().map(|c| c.path.to_string()),
            request_id: context.map(|c| c.id.to_string()),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The request could not be read: 400.
    #[must_use]
    pub fn malformed(code: &str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, Some(detail.to_owned()))
    }

    /// No such thing for this caller: 404.
    #[must_use]
    pub fn not_found(code: &str, detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, Some(detail.to_owned()))
    }

    /// Its status.
    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// The last segment of its type.
    pub(crate) fn slug(&self) -> &str {
        self.kind.strip_prefix(BASE).unwrap_or(&self.kind)
    }

    /// What it says to the caller.
    pub(crate) fn said(&self) -> &str {
        self.detail.as_deref().unwrap_or(&self.title)
    }

    /// Headers that go with it.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Names the fields at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: &[FieldError]) -> Self {
        self.errors = errors.iter().map(FieldProblem::from).collect();
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.kind)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            response.append_header((name, value));
        }
        response.content_type("application/problem+json");
        match serde_json::to_string(self) {
            Ok(body) => response.body(body),
            Err(_) => response.finish(),
        }
    }
}

/// The one mapping from an error's class to a status.
const fn status_of(fault: Fault) -> StatusCode {
    match fault {
        Fault::Malformed => StatusCode::BAD_REQUEST,
        Fault::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Denied => StatusCode::FORBIDDEN,
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::Gone => StatusCode::GONE,
        Fault::Conflict => StatusCode::CONFLICT,
        Fault::Stale => StatusCode::PRECONDITION_FAILED,
        Fault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Fault::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Fault::Throttled => StatusCode::TOO_MANY_REQUESTS,
        Fault::Upstream => StatusCode::BAD_GATEWAY,
        Fault::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<E: Classified + 'static> From<E> for Problem {
    fn from(err: E) -> Self {
        let (fault, code) = err.classify();
        let status = status_of(fault);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            let error = &err as &(dyn std::error::Error + 'static);
            tracing::error!(code, error, "request failed");
            return Self::new(status, code, None);
        }
        if status.is_server_error() {
            let error = &err as &(dyn std::error::Error + 'static);
            tracing::warn!(code, error, "request refused");
        }
        let mut problem = Self::new(status, code, Some(err.to_string())).with_errors(err.fields());
        if fault == Fault::Unauthenticated {
            problem = problem.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let Some(seconds) = err.retry_after() else { return problem };
        let problem = problem.with_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        let Some(limit) = err.limit() else { return problem };
        let named = [("ratelimit-limit", limit), ("ratelimit-remaining", 0), ("ratelimit-reset", seconds)];
        named
            .into_iter()
            .fold(problem, |problem, (name, value)| problem.with_header(HeaderName::from_static(name), HeaderValue::from(value)))
    }
}
