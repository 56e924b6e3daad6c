//! Jitter: how late a fire's job starts, so that schedules of the same time do not start at once.

use crate::shared::{ScheduleId, Timestamp};

/// Seconds from 0 to `most` that depend on the schedule and the fire alone: whoever computes them, and however often, gets the same.
pub(super) fn seconds(schedule: ScheduleId, fire_at: Timestamp, most: i32) -> i64 {
    let Ok(most) = u64::try_from(most) else { return 0 };
    let seed = mixed(schedule.get().cast_unsigned()).wrapping_add(fire_at.timestamp().cast_unsigned());
    (mixed(seed) % (most + 1)).cast_signed()
}

/// Steele's `SplitMix64`: every bit of the input moves every bit of the output.
const fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn it_stays_within_its_bounds_reaches_all_of_them_and_never_changes() {
        let of = |id, second| seconds(ScheduleId::new(id), DateTime::from_timestamp(second, 0).unwrap(), 9);
        let mut seen = [false; 10];
        for second in 0..1_000 {
            let jitter = of(7, second);
            assert_eq!(jitter, of(7, second));
            seen[usize::try_from(jitter).unwrap()] = true;
        }
        assert_eq!(seen, [true; 10]);
        assert!((0..100).any(|id| of(id, 0) != of(id + 1, 0)), "schedules of one time differ");
        assert_eq!(seconds(ScheduleId::new(1), DateTime::from_timestamp(5, 0).unwrap(), 0), 0);
    }
}
