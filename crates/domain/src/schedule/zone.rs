//! Time zones: from the clock on the wall to moments.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::shared::Timestamp;

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// No zone's rules change by more than this at once (Samoa skipped a day).
const LARGEST_CHANGE: TimeDelta = TimeDelta::hours(26);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of that name, such as `Europe/Prague`; whatever its case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let exact = name.parse().ok();
        exact.or_else(|| chrono_tz::TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name))).map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What the clock on the wall shows at a moment.
    #[must_use]
    pub fn wall_clock(self, moment: Timestamp) -> NaiveDateTime {
        moment.with_timezone(&self.0).naive_local()
    }

    /// The moment of a time on the wall. One that the clock shows twice is the first of the two; one that it skips is the first moment
    /// after the gap. `None` beyond the calendar's end.
    ///
    /// Later times never give earlier moments.
    #[must_use]
    pub fn moment(self, wall: NaiveDateTime) -> Option<Timestamp> {
        match self.0.from_local_datetime(&wall) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(moment.with_timezone(&Utc)),
            LocalResult::None => self.after_gap(wall),
        }
    }

    fn after_gap(self, wall: NaiveDateTime) -> Option<Timestamp> {
        let end: Option<DateTime<Tz>> = GapInfo::new(&wall, &self.0).and_then(|gap| gap.end);
        end.map(|end| end.with_timezone(&Utc)).or_else(|| self.searched(wall))
    }

    /// The same by bisection, for a gap whose end the zone's table does not name: the wall clock passes `wall` between two moments.
    fn searched(self, wall: NaiveDateTime) -> Option<Timestamp> {
        let mut before = wall.and_utc().checked_sub_signed(LARGEST_CHANGE)?;
        let mut after = wall.and_utc().checked_add_signed(LARGEST_CHANGE)?;
        while after - before > TimeDelta::seconds(1) {
            let middle = before + (after - before) / 2;
            if self.wall_clock(middle) > wall { after = middle } else { before = middle }
        }
        DateTime::from_timestamp(after.timestamp(), 0)
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(zone: &str, wall: &str) -> String {
        Zone::parse(zone).unwrap().moment(wall.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn a_skipped_time_is_the_end_of_the_gap_and_a_repeated_one_the_first() {
        assert_eq!(moment("America/New_York", "2026-03-08T02:30:00"), "2026-03-08T07:00:00+00:00");
        assert_eq!(moment("America/New_York", "2026-11-01T01:30:00"), "2026-11-01T05:30:00+00:00");
        // A gap of half an hour, one at midnight, and a whole day that never was.
        assert_eq!(moment("Australia/Lord_Howe", "2026-10-04T02:10:00"), "2026-10-03T15:30:00+00:00");
        assert_eq!(moment("America/Santiago", "2026-09-06T00:00:00"), "2026-09-06T04:00:00+00:00");
        assert_eq!(moment("Pacific/Apia", "2011-12-30T12:00:00"), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn bisection_finds_the_same_end() {
        for (zone, wall) in [("America/New_York", "2026-03-08T02:30:00"), ("Australia/Lord_Howe", "2026-10-04T02:10:00")] {
            let (zone, wall) = (Zone::parse(zone).unwrap(), wall.parse().unwrap());
            assert_eq!(zone.searched(wall), zone.moment(wall));
        }
    }

    #[test]
    fn names_are_those_of_the_database() {
        assert_eq!(Zone::parse("europe/prague").map(Zone::name), Some("Europe/Prague"));
        for wrong in ["", "Mars/Olympus", "+02:00", "CEST", "Europe/Prague "] {
            assert_eq!(Zone::parse(wrong), None, "{wrong}");
        }
    }
}
