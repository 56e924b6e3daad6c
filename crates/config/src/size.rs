//! Sizes as people write them: `50MiB`, `1GiB`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::read::{FromText, one};

/// A number of bytes. **Invariant:** from a KiB to a TiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];

impl Size {
    /// The bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromText for Size {
    const ALLOWED: &'static str = "a size with its unit, such as `50MiB`, from `1KiB` to `1024GiB`";
    fn from_text(text: &str) -> Option<Self> {
        let (number, shift) = UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))?;
        let number: u64 = number.trim_end().parse().ok()?;
        let bytes = number.checked_mul(1 << shift)?;
        (1 << 10..=1 << 40).contains(&bytes).then_some(Self(bytes))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.iter().find(|(_, shift)| self.0.is_multiple_of(1 << shift)).unwrap_or(&UNITS[2]);
        write!(f, "{}{}", self.0 >> whole.1, whole.0)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one(deserializer)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written_alike() {
        for (text, bytes) in [("50MiB", 50 << 20), ("1GiB", 1 << 30), ("1536KiB", 1536 << 10)] {
            let size = Size::from_text(text).unwrap();
            assert_eq!((size.bytes(), size.to_string()), (bytes, text.to_owned()));
        }
        for text in ["", "50", "50MB", "0MiB", "-1MiB", "99999999999GiB", "1.5GiB"] {
            assert!(Size::from_text(text).is_none(), "{text}");
        }
    }
}
