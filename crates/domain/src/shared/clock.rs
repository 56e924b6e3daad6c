//! Time as an argument: services ask a [`Clock`], tests set one.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// A moment in UTC with microsecond precision, the finest both databases keep.
pub type Timestamp = DateTime<Utc>;

/// Tells the time. The only way services and adapters may learn it.
pub trait Clock: Send + Sync {
    /// The present moment, truncated to microseconds so that it survives a round trip through either database.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let now = Utc::now();
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}
