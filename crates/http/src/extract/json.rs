//! JSON bodies: 415 for another media type, 413 beyond the limit, 400 when not JSON, 422 when not what the operation takes.

use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use commandcenter_domain::FieldError;
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;

use super::auth::Gate;
use crate::context;
use crate::problem::Problem;

/// Most bytes of a JSON body: 1 MiB.
const LIMIT: usize = 1024 * 1024;
/// Most bytes of a JSON body that holds prompts for a model: 16 MiB.
const LARGE: usize = 16 * 1024 * 1024;

/// A body that must be there.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A body that may be left out; its default stands for it.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, gate) = (request.clone(), payload.take(), Gate::of(request));
        Box::pin(async move {
            Gate::pass(gate).await?;
            require_json(&request)?;
            let body = read(&request, payload, LIMIT).await?;
            parse(&body).map(Self)
        })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, gate) = (request.clone(), payload.take(), Gate::of(request));
        Box::pin(async move {
            Gate::pass(gate).await?;
            let body = read(&request, payload, LIMIT).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            require_json(&request)?;
            parse(&body).map(Self)
        })
    }
}

/// Reads a field of a partial update: absent (by `#[serde(default)]`) is `None`, null is `Some(None)`.
pub(crate) fn double_option<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A body of JSON as it came, for what is signed.
#[derive(Debug)]
pub(crate) struct SignedJson(BytesMut);

impl SignedJson {
    /// The bytes that were signed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What they say.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(&self.0)
    }
}

impl FromRequest for SignedJson {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            require_json(&request)?;
            read(&request, payload, LIMIT).await.map(Self)
        })
    }
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/json" || (media.starts_with("application/") && media.ends_with("+json")) {
        return Ok(());
    }
    let detail = "the body must be application/json".to_owned();
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", Some(detail)))
}

/// A body of JSON that may be larger than others, as it came.
pub(crate) async fn large_json(request: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    require_json(request)?;
    parse(&read(request, payload, LARGE).await?)
}

async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<BytesMut, Problem> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut body = BytesMut::with_capacity(declared.unwrap_or(1024));
    while let Some(part) = part_of(&mut payload).await {
        let part = part.map_err(|_| Problem::malformed("malformed-body", "the body ended early or could not be decoded"))?;
        if body.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// The next part of a body. How fast a client sends is not ours to answer for.
async fn part_of(payload: &mut Payload) -> Option<Result<Bytes, PayloadError>> {
    let asked = Instant::now();
    let part = payload.next().await;
    context::waited_for_client(asked.elapsed());
    part
}

fn too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", Some(format!("the body may have at most {limit} bytes")))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Problem::malformed("malformed-json", "the body is not UTF-8"));
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|err| {
        let path = err.path().to_string();
        describe(err.inner(), &path)
    })?;
    reader.end().map_err(|err| describe(&err, "."))?;
    Ok(value)
}

/// Reads a part of a body that was taken as it came; errors name it by its place.
///
/// # Errors
/// The field that has not the form of a `T`.
pub(crate) fn part_of_body<T: DeserializeOwned>(part: &Value, place: &str) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(part).map_err(|err| {
        let error = field_error(&err.inner().to_string(), &err.path().to_string());
        FieldError { field: format!("{place}.{}", error.field), ..error }
    })
}

fn describe(err: &serde_json::Error, path: &str) -> Problem {
    match err.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            let detail = format!("the body is not JSON: line {}, column {}", err.line(), err.column());
            Problem::malformed("malformed-json", &detail)
        }
        Category::Data => {
            let error = field_error(&err.to_string(), path);
            let detail = format!("{}: {}", error.field, error.message);
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", Some(detail)).with_errors(&[error])
        }
    }
}

/// Turns serde's words into a field error. Serde quotes rejected values, which may be secrets: only its shape is kept.
fn field_error(text: &str, path: &str) -> FieldError {
    let quoted = || text.split('`').nth(1).unwrap_or_default().to_owned();
    let join = |name: String| {
        if path == "." {
            name
        } else {
            format!("{}.{name}", path.trim_end_matches(&format!(".{name}")).trim_end_matches(&name).trim_end_matches('.'))
                .trim_start_matches('.')
                .to_owned()
        }
    };
    if text.starts_with("unknown field") {
        FieldError::new(join(quoted()), "unknown_field", "is not a field of this request")
    } else if text.starts_with("missing field") {
        FieldError::new(join(quoted()), "required", "is required")
    } else if text.starts_with("duplicate field") {
        FieldError::new(join(quoted()), "duplicate_field", "is given twice")
    } else if text.starts_with("unknown variant") {
        let allowed = text
            .split("expected ")
            .nth(1)
            .map(|rest| rest.split(" at line").next().unwrap_or_default().replace('`', ""))
            .unwrap_or_default();
        FieldError::new(path, "unknown_value", format!("must be {allowed}"))
    } else {
        let expected = text.rsplit("expected ").next().map(|rest| rest.split(" at line").next().unwrap_or_default()).unwrap_or_default();
        let known = text.contains("expected ");
        FieldError::new(path, "wrong_type", if known { format!("must be {expected}") } else { "has the wrong form".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only its reading is tested")]
        name: String,
    }

    #[test]
    fn a_broken_body_is_told_apart_from_a_wrong_one() {
        let status = |text: &[u8]| serde_json::to_value(parse::<Body>(text).unwrap_err()).unwrap();
        assert_eq!(status(b"{")["status"], 400);
        assert_eq!(status(b"{\"name\":\"\xff\"}")["status"], 400);
        assert_eq!(status(b"{\"name\":\"a\"} x")["status"], 400);
        let unknown = status(b"{\"name\":\"a\",\"nmae\":1}");
        assert_eq!((unknown["status"].as_u64(), unknown["errors"][0]["field"].as_str()), (Some(422), Some("nmae")));
        assert_eq!(status(b"{}")["errors"][0]["code"], "required");
    }

    #[test]
    fn a_rejected_value_is_not_echoed() {
        let problem = serde_json::to_string(&parse::<Body>(b"{\"name\":12345678}").unwrap_err()).unwrap();
        assert!(!problem.contains("12345678"), "{problem}");
    }
}
