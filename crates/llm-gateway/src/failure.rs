//! What is told of attempts that failed: enough to act on, never the key.

use commandcenter_domain::llm::{Failure, FailureKind, Target};
use serde_json::Value;

/// The most characters of a provider's words.
const LONGEST: usize = 300;
/// What stands in the place of a key.
const REDACTED: &str = "[redacted]";

/// A failure at a target. The key is taken out of the detail should it stand there.
pub(crate) fn failure(target: &Target, kind: FailureKind, detail: impl std::fmt::Display) -> Failure {
    let detail = shortened(&redacted(&detail.to_string(), target.key.as_deref()));
    Failure { alias: target.alias.clone(), model: target.model.clone(), kind, status: None, detail, retry_after: None }
}

/// A text without the key.
fn redacted(text: &str, key: Option<&str>) -> String {
    match key.map(str::trim).filter(|key| !key.is_empty()) {
        Some(key) => text.replace(key, REDACTED),
        None => text.to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a status means.
pub(crate) fn kind_of(status: u16, body: &[u8]) -> FailureKind {
    match status {
        401 | 403 => FailureKind::RejectedKey,
        408 | 409 | 429 => FailureKind::Throttled,
        500.. => FailureKind::Upstream,
        // Gemini rejects keys with the status of a bad request.
        400 if is_about_the_key(body) => FailureKind::RejectedKey,
        _ => FailureKind::Refused,
    }
}

fn is_about_the_key(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("API_KEY_INVALID") || text.contains("API key not valid")
}

/// What the provider says went wrong. Of a rejected key nothing is repeated: providers echo parts of it.
pub(crate) fn detail_of(status: u16, kind: FailureKind, body: &[u8]) -> String {
    if kind == FailureKind::RejectedKey {
        return format!("the provider rejected the key (status {status}); set it anew under /api/v1/settings/providers");
    }
    let told = serde_json::from_slice::<Value>(body).ok().and_then(|value| {
        // Gemini wraps errors of streams into a list.
        let value = if value.is_array() { value.get(0).cloned()? } else { value };
        let error = value.get("error").unwrap_or(&value);
        let message = error.get("message").or_else(|| error.get("detail")).unwrap_or(error);
        message.as_str().map(str::to_owned)
    });
    match told {
        Some(told) => format!("status {status}: {told}"),
        None => format!("status {status}"),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;

    use super::*;
    use crate::dialect::tests::target;

    #[test]
    fn a_key_is_never_repeated() {
        let failure = failure(&target(Dialect::OpenAi, "http://h"), FailureKind::Refused, "no `secret` here, secret");
        assert_eq!(failure.detail, "no `[redacted]` here, [redacted]");
        assert!(!detail_of(401, FailureKind::RejectedKey, br#"{"error":{"message":"bad key sk-ab***yz"}}"#).contains("sk-"));
    }

    #[test]
    fn what_the_provider_says_is_found_and_kept_short() {
        assert_eq!(detail_of(400, FailureKind::Refused, br#"{"error":{"message":"bad"}}"#), "status 400: bad");
        assert_eq!(detail_of(404, FailureKind::Refused, br#"{"error":"no model"}"#), "status 404: no model");
        assert_eq!(detail_of(503, FailureKind::Upstream, br#"[{"error":{"message":"busy"}}]"#), "status 503: busy");
        assert_eq!(detail_of(502, FailureKind::Upstream, b"<html>"), "status 502");
        let long = failure(&target(Dialect::OpenAi, "http://h"), FailureKind::Upstream, "é".repeat(1000));
        assert_eq!(long.detail.chars().count(), LONGEST + 1);
    }

    #[test]
    fn each_status_has_its_meaning() {
        for (status, kind) in [
            (400, FailureKind::Refused),
            (401, FailureKind::RejectedKey),
            (403, FailureKind::RejectedKey),
            (404, FailureKind::Refused),
            (408, FailureKind::Throttled),
            (409, FailureKind::Throttled),
            (429, FailureKind::Throttled),
            (302, FailureKind::Refused),
            (500, FailureKind::Upstream),
            (529, FailureKind::Upstream),
        ] {
            assert_eq!(kind_of(status, b""), kind, "{status}");
        }
        assert_eq!(kind_of(400, br#"{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}"#), FailureKind::RejectedKey);
    }
}
