//! How much an API key may ask for in a minute.

use std::time::Duration;

use crate::shared::{ApiKeyId, Checker, Invalid, Timestamp};
use crate::text_enum;

/// The most requests of a minute that a limit can name.
pub const MOST_REQUESTS: i64 = 200_000;
/// The most tokens of a minute that a limit can name.
pub const MOST_TOKENS: i64 = 1_000_000_000;
/// A minute, in nanoseconds.
const MINUTE: i64 = 60_000_000_000;

text_enum! {
    /// What is limited.
    Rate {
        /// Calls to models.
        Requests = "requests",
        /// Tokens, sent and answered together.
        Tokens = "tokens",
    }
}

/// What a key may use in a minute. **Invariant:** at least one of both is limited, and a limit is at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    requests: Option<u64>,
    tokens: Option<u64>,
}

impl RateLimits {
    /// Checks what a client gave.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(requests: Option<i64>, tokens: Option<i64>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        if requests.is_none() && tokens.is_none() {
            check.note("requests_per_minute", "required", "or `tokens_per_minute` is required");
        }
        let requests = requests.map(|limit| check.number("requests_per_minute", limit, (1, MOST_REQUESTS)));
        let tokens = tokens.map(|limit| check.number("tokens_per_minute", limit, (1, MOST_TOKENS)));
        check.finish(Self { requests: requests.map(i64::unsigned_abs), tokens: tokens.map(i64::unsigned_abs) })
    }

    /// Calls to models; any number when `None`.
    #[must_use]
    pub const fn requests(&self) -> Option<u64> {
        self.requests
    }

    /// Tokens, sent and answered together; any number when `None`.
    #[must_use]
    pub const fn tokens(&self) -> Option<u64> {
        self.tokens
    }
}

/// The limits of a key in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLimits {
    /// The key.
    pub api_key: ApiKeyId,
    /// What the key is for.
    pub name: String,
    /// The start of the key's text.
    pub prefix: String,
    /// The limits.
    pub limits: RateLimits,
    /// When they were set.
    pub updated_at: Timestamp,
}

/// A bucket that holds a minute's worth and fills evenly. What is promised to calls under way is held apart, and taken when they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    per_minute: u64,
    /// When it is full if nothing more is taken, in nanoseconds since 1970.
    full_at: i64,
}

impl Bucket {
    /// A bucket as it was left.
    #[must_use]
    pub const fn new(per_minute: u64, full_at: i64) -> Self {
        Self { per_minute, full_at }
    }

    /// When it is full if nothing more is taken, in nanoseconds since 1970.
    #[must_use]
    pub const fn full_at(&self) -> i64 {
        self.full_at
    }

    /// What is held for a call that may take so much. One that may take more than the bucket holds is let through when it is full.
    #[must_use]
    pub fn claim(&self, amount: u64) -> u64 {
        amount.min(self.per_minute)
    }

    /// Whether a claim can be met beside those that are held already.
    ///
    /// # Errors
    /// How long it takes until there is enough, should nobody who holds a claim give anything back.
    pub fn admit(&self, claim: u64, held: u64, now: Timestamp) -> Result<(), Duration> {
        let missing = self.full_at.saturating_sub(nanoseconds(now)).max(0);
        let short = missing.saturating_add(self.time_of(held.saturating_add(claim))).saturating_sub(MINUTE);
        if short <= 0 { Ok(()) } else { Err(Duration::from_nanos(short.unsigned_abs())) }
    }

    /// The bucket after so much was taken. What a call took beyond its claim is waited for.
    #[must_use]
    pub fn take(self, amount: u64, now: Timestamp) -> Self {
        let full_at = self.full_at.max(nanoseconds(now)).saturating_add(self.time_of(amount));
        Self { full_at, ..self }
    }

    /// How long it takes to fill so much, to the nanosecond. What is cut off is less than one call in a minute that has 200,000.
    fn time_of(&self, amount: u64) -> i64 {
        let time = (u128::from(amount) * u128::from(MINUTE.unsigned_abs())) / u128::from(self.per_minute.max(1));
        // Half of what fits: sums of two do not overflow.
        i64::try_from(time).unwrap_or(i64::MAX).min(i64::MAX / 4)
    }
}

/// A moment in nanoseconds since 1970, as far as they reach: to the year 2262.
fn nanoseconds(at: Timestamp) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        "2028-02-29T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_minutes_worth_may_be_used_at_once_and_comes_back_evenly() {
        let mut bucket = Bucket::new(60, 0);
        for _ in 0..60 {
            bucket.admit(1, 0, start()).unwrap();
            bucket = bucket.take(1, start());
        }
        assert_eq!(bucket.admit(1, 0, start()), Err(Duration::from_secs(1)));
        let later = start() + TimeDelta::seconds(1);
        bucket.admit(1, 0, later).unwrap();
        assert_eq!(bucket.take(1, later).admit(30, 0, later), Err(Duration::from_secs(30)));
    }

    #[test]
    fn every_limit_lets_as_many_through_at_once_as_it_says() {
        for per_minute in [1, 3, 7, 59, 61, 997, 65_537, 199_999] {
            let (mut bucket, mut made) = (Bucket::new(per_minute, 0), 0);
            while bucket.admit(1, 0, start()).is_ok() {
                bucket = bucket.take(1, start());
                made += 1;
            }
            assert_eq!(made, per_minute);
        }
    }

    #[test]
    fn what_is_held_is_not_promised_twice_and_not_charged() {
        let bucket = Bucket::new(1000, 0);
        bucket.admit(600, 400, start()).unwrap();
        assert_eq!(bucket.admit(600, 700, start()), Err(Duration::from_secs(18)));
        assert_eq!(bucket.take(0, start()).admit(1000, 0, start()), Ok(()), "a call that took nothing leaves the bucket full");
    }

    #[test]
    fn a_call_larger_than_the_bucket_waits_until_it_is_full_and_what_it_took_is_waited_for() {
        let bucket = Bucket::new(1000, 0);
        assert_eq!(bucket.claim(5000), 1000);
        let bucket = bucket.take(2000, start());
        assert_eq!(bucket.admit(bucket.claim(1), 0, start()), Err(Duration::from_millis(60_060)));
    }

    #[test]
    fn limits_name_something() {
        let fields = |requests, tokens| {
            let invalid: Invalid = RateLimits::parse(requests, tokens).unwrap_err();
            invalid.0.into_iter().map(|error| (error.field, error.code)).collect::<Vec<_>>()
        };
        assert_eq!(fields(None, None), [("requests_per_minute".to_owned(), "required")]);
        assert_eq!(fields(Some(0), Some(-1)).len(), 2);
        assert_eq!(RateLimits::parse(Some(5), None).map(|limits| (limits.requests(), limits.tokens())), Ok((Some(5), None)));
    }

    /// What happens at a bucket: time goes on, a call begins that may take some, the oldest call ends and took a part.
    #[derive(Debug, Clone)]
    enum Step {
        Wait(i64),
        Begin(u64),
        End(f64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (0_i64..40_000_000).prop_map(Step::Wait),
            (1_u64..1_500).prop_map(Step::Begin),
            (0.0_f64..=1.0).prop_map(Step::End),
        ];
        proptest::collection::vec(step, 1..80)
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_sees_more_than_a_minutes_worth_and_what_it_fills(per_minute in 1_u64..1_000, steps in steps()) {
            let (mut bucket, mut now) = (Bucket::new(per_minute, 0), start());
            let (mut open, mut taken) = (std::collections::VecDeque::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Wait(time) => now += TimeDelta::microseconds(time),
                    Step::Begin(amount) => {
                        let (claim, held) = (bucket.claim(amount), open.iter().sum());
                        match bucket.admit(claim, held, now) {
                            Ok(()) => open.push_back(claim),
                            Err(wait) => {
                                let then = now + TimeDelta::from_std(wait).unwrap();
                                prop_assert!(held + claim > per_minute || bucket.admit(claim, held, then).is_ok(), "the wait that is told is enough");
                                prop_assert!(bucket.admit(claim, held, then - TimeDelta::nanoseconds(1)).is_err(), "and not longer than it must be");
                            }
                        }
                    }
                    Step::End(part) => if let Some(claim) = open.pop_front() {
                        let used = (claim as f64 * part) as u64;
                        bucket = bucket.take(used, now);
                        taken.push((now, used));
                    },
                }
                let most = nanoseconds(now + TimeDelta::minutes(1));
                prop_assert!(bucket.full_at() <= most, "never more is taken than there is");
            }
            for (at, (from, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (to, used) in &taken[at..] {
                    sum += used;
                    let filled = (*to - *from).num_nanoseconds().unwrap() as u128 * u128::from(per_minute) / MINUTE as u128;
                    prop_assert!(u128::from(sum) <= u128::from(per_minute) + filled + 1, "{sum} between {from} and {to}");
                }
            }
        }
    }
}
