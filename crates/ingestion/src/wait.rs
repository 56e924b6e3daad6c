//! How long to wait before another attempt.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// What a server asks for in `Retry-After`: seconds, or a date.
pub(crate) fn retry_after(header: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let text = header?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

/// The wait after attempt number `attempt` (from 1) when nobody says how long.
pub(crate) fn backoff(base: Duration, attempt: u32) -> Duration {
    base.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_how_long_in_two_ways() {
        let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after(Some(" 7 "), now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(Some("Sat, 21 Nov 2026 10:01:00 GMT"), now), Some(Duration::from_mins(1)));
        assert_eq!(retry_after(Some("Sat, 21 Nov 2026 09:00:00 GMT"), now), Some(Duration::ZERO));
        assert_eq!((retry_after(Some("soon"), now), retry_after(None, now)), (None, None));
    }

    #[test]
    fn waits_double() {
        let waits: Vec<_> = (1..4).map(|attempt| backoff(Duration::from_millis(500), attempt).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000]);
        assert!(backoff(Duration::from_secs(1), 200) > Duration::from_hours(1));
    }
}
