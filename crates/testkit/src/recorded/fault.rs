//! What the host can be made to do instead of answering.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use wiremock::ResponseTemplate;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 401.
    Unauthorized,
    /// 403 without any rate limit.
    Forbidden,
    /// 404.
    NotFound,
    /// 403 with a used-up limit that is renewed in so many seconds.
    RateLimited(u32),
    /// 429 with `retry-after`.
    TooMany(u32),
    /// 500, so many times.
    ServerError(u32),
    /// 500, for good.
    Broken,
    /// The answer comes so many milliseconds late.
    Slow(u64),
    /// 200 with something that is no JSON.
    Garbage,
}

/// A fault and what it strikes.
#[derive(Debug, Clone)]
pub(super) struct Struck {
    /// Part of the path; an empty one is part of every path.
    pub(super) part: String,
    pub(super) fault: Fault,
}

/// The answer of a fault; `None` when the right one is to be given (perhaps late).
pub(super) fn answer(struck: &mut Struck, now: i64) -> Option<ResponseTemplate> {
    match &mut struck.fault {
        Fault::Unauthorized => Some(problem(401, "Bad credentials")),
        Fault::Forbidden => {
            Some(problem(403, "Resource not accessible by personal access token").insert_header("x-ratelimit-remaining", "4999"))
        }
        Fault::NotFound => Some(problem(404, "Not Found")),
        Fault::RateLimited(seconds) => {
            let reset = (now + i64::from(*seconds)).to_string();
            let answer = problem(403, "API rate limit exceeded for user ID 1.");
            Some(answer.insert_header("x-ratelimit-remaining", "0").insert_header("x-ratelimit-reset", reset.as_str()))
        }
        Fault::TooMany(seconds) => {
            let answer = problem(429, "You have exceeded a secondary rate limit.");
            Some(answer.insert_header("retry-after", seconds.to_string().as_str()))
        }
        Fault::ServerError(0) | Fault::Slow(_) => None,
        Fault::ServerError(times) => {
            *times -= 1;
            Some(problem(500, "Server Error"))
        }
        Fault::Broken => Some(problem(500, "Server Error")),
        Fault::Garbage => Some(ResponseTemplate::new(200).set_body_raw("<html>proxy says hello</html>", "text/html")),
    }
}

/// How late the answer comes.
pub(super) fn delay(struck: &Struck) -> Option<Duration> {
    match struck.fault {
        Fault::Slow(milliseconds) => Some(Duration::from_millis(milliseconds)),
        Fault::Unauthorized
        | Fault::Forbidden
        | Fault::NotFound
        | Fault::RateLimited(_)
        | Fault::TooMany(_)
        | Fault::ServerError(_)
        | Fault::Broken
        | Fault::Garbage => None,
    }
}

/// An error in the shape of `basic-error`.
pub(super) fn problem(status: u16, message: &str) -> ResponseTemplate {
    let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() });
    ResponseTemplate::new(status).set_body_json(body)
}
