//! Whether to try again, where, and after how long.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use commandcenter_domain::llm::{Failure, FailureKind};
use commandcenter_domain::shared::Timestamp;

/// A number from 0 to 1, drawn anew at each call.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The longest that a provider is waited for while another one is there to be asked.
const BESIDE_ANOTHER: Duration = Duration::from_secs(5);

/// How waits grow.
#[derive(Clone)]
pub(crate) struct Backoff {
    /// The longest first wait; each further one may be twice as long.
    pub(crate) base: Duration,
    /// The longest of all.
    pub(crate) cap: Duration,
    /// Draws a wait between nothing and the longest: full jitter, so that callers who failed together do not return together.
    pub(crate) chance: Chance,
}

/// Where a failed attempt stands in its call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Which attempt at its target it was, from 1.
    pub(crate) round: u32,
    /// The most attempts at one target.
    pub(crate) rounds: u32,
    /// Whether another target follows.
    pub(crate) has_next: bool,
    /// What is left of the call's time.
    pub(crate) left: Duration,
}

impl Backoff {
    /// How long to wait before the same target is tried again; `None` when it is not.
    pub(crate) fn wait(&self, failure: &Failure, place: Place) -> Option<Duration> {
        if place.round >= place.rounds || !may_pass(failure.kind) {
            return None;
        }
        let wait = match failure.retry_after {
            Some(asked) if place.has_next && asked > BESIDE_ANOTHER => return None,
            Some(asked) => asked,
            None => self.drawn(place.round),
        };
        (wait < place.left).then_some(wait)
    }

    fn drawn(&self, round: u32) -> Duration {
        let doubled = self.base.saturating_mul(1_u32.checked_shl(round.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.cap).mul_f64((self.chance)().clamp(0.0, 1.0))
    }
}

/// Whether the same target may do better a moment later.
const fn may_pass(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Connect | FailureKind::Throttled | FailureKind::Upstream | FailureKind::Cut => true,
        FailureKind::FirstTokenTimeout
        | FailureKind::Stalled
        | FailureKind::TotalTimeout
        | FailureKind::Malformed
        | FailureKind::RejectedKey
        | FailureKind::Refused
        | FailureKind::SchemaMismatch
        | FailureKind::CircuitOpen
        | FailureKind::Cancelled => false,
    }
}

/// What a provider asks for: milliseconds, seconds or a date.
pub(crate) fn retry_after(headers: &reqwest::header::HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = text("retry-after")?;
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::dialect::tests::target;
    use crate::failure::failure;

    const PLACE: Place = Place { round: 1, rounds: 3, has_next: false, left: Duration::from_secs(60) };

    fn backoff(chance: f64) -> Backoff {
        Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(2), chance: Arc::new(move || chance) }
    }

    fn failed(kind: FailureKind, retry_after: Option<u64>) -> Failure {
        let failure = failure(&target(Dialect::OpenAi, "http://h"), kind, "");
        Failure { retry_after: retry_after.map(Duration::from_secs), ..failure }
    }

    #[test]
    fn waits_grow_up_to_a_cap_and_are_drawn_from_nothing() {
        let busy = failed(FailureKind::Upstream, None);
        let wait = |chance, round| backoff(chance).wait(&busy, Place { round, rounds: 9, ..PLACE }).unwrap().as_millis();
        assert_eq!([wait(1.0, 1), wait(1.0, 2), wait(1.0, 3), wait(1.0, 8)], [500, 1000, 2000, 2000]);
        assert_eq!([wait(0.0, 3), wait(0.5, 2)], [0, 500]);
    }

    #[test]
    fn what_the_provider_asks_for_is_honoured_within_the_calls_time() {
        let wait = |seconds, place| backoff(1.0).wait(&failed(FailureKind::Throttled, Some(seconds)), place).map(|wait| wait.as_secs());
        assert_eq!(wait(30, PLACE), Some(30));
        assert_eq!(wait(90, PLACE), None, "longer than the call may take");
        assert_eq!(wait(30, Place { has_next: true, ..PLACE }), None, "another one is there");
        assert_eq!(wait(1, Place { has_next: true, ..PLACE }), Some(1));
        assert_eq!(wait(1, Place { round: 3, ..PLACE }), None, "tried often enough");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let again: Vec<_> = FailureKind::ALL.iter().filter(|kind| backoff(0.0).wait(&failed(**kind, None), PLACE).is_some()).collect();
        assert_eq!(again, [&FailureKind::Connect, &FailureKind::Cut, &FailureKind::Throttled, &FailureKind::Upstream]);
    }

    #[test]
    fn providers_say_how_long_in_three_ways() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let read = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            retry_after(&headers, now).map(|wait| wait.as_millis())
        };
        assert_eq!(read("retry-after", " 7 "), Some(7000));
        assert_eq!(read("retry-after", "0.5"), Some(500));
        assert_eq!(read("retry-after-ms", "20"), Some(20));
        assert_eq!(read("retry-after", "Sat, 21 Nov 2026 10:01:00 GMT"), Some(60_000));
        assert_eq!(read("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!((read("retry-after", "soon"), read("retry-after", "-1"), read("x", "1")), (None, None, None));
    }
}
