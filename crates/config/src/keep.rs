//! How long something is kept, as people write it: `30d`, `forever`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::print::human;
use crate::read::{FromText, one};
use crate::time::parse_duration;

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// This long. **Invariant:** from an hour to a hundred years.
    For(Duration),
    /// For ever.
    Forever,
}

/// A word rather than a zero, which could as well mean "not at all".
const FOREVER: &str = "forever";
/// What removes looks once an hour: less would not be kept more exactly.
const SHORTEST: Duration = Duration::from_hours(1);
/// So that a moment this long ago can be reckoned.
const LONGEST: Duration = Duration::from_hours(24 * 36_500);

impl FromText for Keep {
    const ALLOWED: &'static str = "a duration from `1h` to `36500d`, or `forever`";
    fn from_text(text: &str) -> Option<Self> {
        if text == FOREVER {
            return Some(Self::Forever);
        }
        parse_duration(text).filter(|duration| (SHORTEST..=LONGEST).contains(duration)).map(Self::For)
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one(deserializer)
    }
}

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::For(duration) => human(duration, serializer),
            Self::Forever => serializer.serialize_str(FOREVER),
        }
    }
}
