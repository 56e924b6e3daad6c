//! Durations as people write them: `500ms`, `30s`, `15m`, `12h`, `30d`.

use std::time::Duration;

/// What a duration may look like, for error messages.
pub(crate) const ALLOWED: &str = "a number with a unit ms, s, m, h or d, such as `30s`";

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a duration; `None` when the text is not one.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*millis).map(Duration::from_millis)
}

/// Writes a duration so that [`parse_duration`] reads it, in the largest unit without a remainder.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis == 0 {
        return "0s".to_owned();
    }
    let fits = UNITS.iter().rev().find(|(_, size)| millis.is_multiple_of(u128::from(*size)));
    fits.map_or_else(|| format!("{millis}ms"), |(name, size)| format!("{}{name}", millis / u128::from(*size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        let good = [("30s", 30_000), ("500ms", 500), ("15m", 900_000), ("12h", 43_200_000), ("1d", 86_400_000), ("5 s", 5_000)];
        for (text, millis) in good {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "30", "s", "-3s", "1.5s", "3 weeks", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for (millis, text) in [(0, "0s"), (1, "1ms"), (1500, "1500ms"), (30_000, "30s"), (90_000, "90s"), (86_400_000, "1d")] {
            assert_eq!(format_duration(Duration::from_millis(millis)), text);
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)));
        }
    }
}
