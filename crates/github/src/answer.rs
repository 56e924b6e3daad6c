//! Answers, read against a limit and sorted into what a synchronisation can act on.

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta};
use commandcenter_domain::repository::HostError;
use commandcenter_domain::shared::Timestamp;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use serde::de::DeserializeOwned;

/// Most bytes kept of an error's body.
const ERROR_BODY: u64 = 64 * 1024;
/// GitHub's windows are an hour long: a moment further away is a mistake of somebody's.
const LONGEST_LIMIT: TimeDelta = TimeDelta::hours(1);
/// What GitHub asks to wait when a secondary limit comes without a time.
const SECONDARY_WAIT: TimeDelta = TimeDelta::seconds(60);

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, HostError> {
        serde_json::from_slice(&self.body).map_err(|err| HostError::Unexpected(err.to_string()))
    }

    /// Its validator.
    pub(crate) fn etag(&self) -> Option<String> {
        text(&self.headers, ETAG.as_str()).map(str::to_owned)
    }

    /// Whether GitHub says that a next page exists.
    pub(crate) fn has_next(&self) -> bool {
        text(&self.headers, LINK.as_str()).is_some_and(|link| link.split(',').any(|part| part.contains("rel=\"next\"")))
    }

    /// Whether the body is JSON rather than the raw content that was asked for.
    pub(crate) fn is_json(&self) -> bool {
        text(&self.headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("application/json"))
    }
}

/// Reads the body, and no more of it than the limit.
pub(crate) async fn read(response: Response<BoxBody<Bytes, octocrab::Error>>, limit: u64) -> Result<Answer, HostError> {
    let (parts, mut body) = response.into_parts();
    let limit = if parts.status.is_success() { limit } else { ERROR_BODY };
    let too_large = || if parts.status.is_success() { Err(HostError::TooLarge { limit }) } else { Ok(()) };
    if number(&parts.headers, CONTENT_LENGTH.as_str()).is_some_and(|length| u64::try_from(length).is_ok_and(|length| length > limit)) {
        too_large()?;
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HostError::Network("the connection broke in mid-answer".to_owned()))?;
        let Ok(data) = frame.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > limit {
            too_large()?;
            break;
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Answer { status: parts.status, headers: parts.headers, body: bytes.freeze() })
}

/// The answer when it is one, else the error that its status means.
pub(crate) fn sorted(answer: Answer, what: &str, now: Timestamp) -> Result<Answer, HostError> {
    let status = answer.status;
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(answer);
    }
    let message = message(&answer.body);
    let limited = || limited_until(&answer, &message, now).map(|until| HostError::RateLimited { until });
    Err(match status.as_u16() {
        401 => HostError::Unauthorized,
        403 | 429 => limited().unwrap_or_else(|| HostError::Forbidden { reason: denied(&answer.headers, message) }),
        404 | 410 => HostError::NotFound { what: what.to_owned() },
        409 if message.to_lowercase().contains("empty") => HostError::EmptyRepository,
        451 => HostError::Forbidden { reason: "the repository is blocked for legal reasons".to_owned() },
        status @ 500.. => HostError::ServerError { status },
        status => HostError::Refused { status, message },
    })
}

fn denied(headers: &HeaderMap, message: String) -> String {
    if headers.contains_key("x-github-sso") {
        return format!("{message} (the organisation wants the token authorised for its single sign-on)");
    }
    message
}

/// From when on requests are answered again, when the refusal is about how many there were.
fn limited_until(answer: &Answer, message: &str, now: Timestamp) -> Option<Timestamp> {
    let headers = &answer.headers;
    if let Some(seconds) = number(headers, RETRY_AFTER.as_str()) {
        let wait = TimeDelta::try_seconds(seconds).unwrap_or(LONGEST_LIMIT);
        return Some(believable(now.checked_add_signed(wait).unwrap_or(now + LONGEST_LIMIT), now));
    }
    if let Some(until) = exhausted_until(headers, now) {
        return Some(until);
    }
    let message = message.to_lowercase();
    let named = message.contains("rate limit") || message.contains("abuse detection");
    (named || answer.status == StatusCode::TOO_MANY_REQUESTS).then(|| now + SECONDARY_WAIT)
}

/// When the limit is used up: the moment it is renewed.
pub(crate) fn exhausted_until(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    if number(headers, "x-ratelimit-remaining")? > 0 {
        return None;
    }
    let reset = number(headers, "x-ratelimit-reset").and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Some(believable(reset.unwrap_or(now + SECONDARY_WAIT), now))
}

/// Not in the past (GitHub's clock and ours differ) and no further than a window is long.
fn believable(until: Timestamp, now: Timestamp) -> Timestamp {
    until.clamp(now + TimeDelta::seconds(1), now + LONGEST_LIMIT)
}

/// Shows how much of the limit is left.
pub(crate) fn report_remaining(headers: &HeaderMap) {
    if let Some(remaining) = number(headers, "x-ratelimit-remaining").and_then(|n| u32::try_from(n).ok()) {
        let resource = text(headers, "x-ratelimit-resource").unwrap_or("core").to_owned();
        metrics::gauge!("commandcenter_github_rate_limit_remaining", "resource" => resource).set(f64::from(remaining));
    }
}

/// An error as the label of a metric.
pub(crate) fn label(err: &HostError) -> String {
    match err {
        HostError::Unauthorized => "401".to_owned(),
        HostError::Forbidden { .. } => "403".to_owned(),
        HostError::NotFound { .. } => "404".to_owned(),
        HostError::RateLimited { .. } => "429".to_owned(),
        HostError::EmptyRepository => "409".to_owned(),
        HostError::ServerError { status } | HostError::Refused { status, .. } => status.to_string(),
        HostError::Timeout => "timeout".to_owned(),
        HostError::Network(_) => "network".to_owned(),
        HostError::TooLarge { .. } => "too_large".to_owned(),
        HostError::Unexpected(_) => "unexpected".to_owned(),
    }
}

#[derive(serde::Deserialize)]
struct ErrorBody {
    message: String,
}

fn message(body: &[u8]) -> String {
    let said = serde_json::from_slice::<ErrorBody>(body).map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |body| body.message);
    let line: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    let line = line.trim();
    if line.is_empty() { "no reason given".to_owned() } else { line.to_owned() }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap()
    }

    fn answer(status: u16, headers: &[(&'static str, &str)], message: &str) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let body = serde_json::json!({ "message": message }).to_string();
        Answer { status: StatusCode::from_u16(status).unwrap(), headers: map, body: body.into() }
    }

    fn until(answer: Answer) -> Option<i64> {
        match sorted(answer, "it", now()) {
            Err(HostError::RateLimited { until }) => Some((until - now()).num_seconds()),
            _ => None,
        }
    }

    #[test]
    fn rate_limits_are_told_from_other_refusals() {
        let reset = (now() + TimeDelta::seconds(90)).timestamp().to_string();
        assert_eq!(
            until(answer(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], "API rate limit exceeded")),
            Some(90)
        );
        assert_eq!(until(answer(429, &[("retry-after", "7")], "slow down")), Some(7));
        assert_eq!(until(answer(403, &[], "You have exceeded a secondary rate limit")), Some(60));
        assert_eq!(until(answer(429, &[], "")), Some(60));
        assert_eq!(until(answer(403, &[("x-ratelimit-remaining", "57")], "Resource not accessible by personal access token")), None);
    }

    #[test]
    fn a_reset_that_cannot_be_is_not_believed() {
        // The recorded traffic carries milliseconds, and a clock that runs ahead sees a reset in the past.
        for reset in ["1507651200000", "9223372036854775807", "1"] {
            let seconds = until(answer(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)], "")).unwrap();
            assert!((1..=3600).contains(&seconds), "{reset}: {seconds}");
        }
        assert_eq!(until(answer(429, &[("retry-after", "9223372036854775807")], "")), Some(3600));
    }

    #[test]
    fn a_refusal_is_told_in_one_short_line() {
        let Err(HostError::Forbidden { reason }) = sorted(answer(403, &[("x-github-sso", "required")], &"a\n".repeat(1000)), "it", now())
        else {
            panic!("not forbidden")
        };
        assert!(!reason.contains('\n') && reason.len() < 500 && reason.contains("single sign-on"), "{reason}");
    }
}
