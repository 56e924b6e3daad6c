//! Moments as clients write them: RFC 3339, and never without a zone.

use chrono::{DateTime, DurationRound, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::{Checker, Timestamp};

impl Checker {
    /// A moment in RFC 3339 with its zone, in UTC and truncated to microseconds. A local time without a zone means a different moment to
    /// every reader, so it is refused by name.
    pub fn moment(&mut self, field: &str, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        match DateTime::parse_from_rfc3339(text) {
            Ok(moment) => moment.with_timezone(&Utc).duration_trunc(TimeDelta::microseconds(1)).ok(),
            Err(_) if lacks_zone(text) => {
                self.note(field, "zone_required", "must end with its time zone, such as `Z` or `+02:00`");
                None
            }
            Err(_) => {
                self.note(field, "not_a_moment", "must be a date and time with a time zone, such as `2026-11-21T10:00:00Z`");
                None
            }
        }
    }

    /// An optional moment: absent stays absent.
    pub fn optional_moment(&mut self, field: &str, text: Option<&str>) -> Option<Timestamp> {
        text.and_then(|text| self.moment(field, text))
    }
}

fn lacks_zone(text: &str) -> bool {
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    forms.iter().any(|form| NaiveDateTime::parse_from_str(text, form).is_ok()) || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Timestamp>, &'static str> {
        let mut check = Checker::new();
        let moment = check.moment("due_date", text);
        check.finish(moment).map_err(|invalid| invalid.0[0].code)
    }

    #[test]
    fn a_zone_is_needed_and_taken_into_account() {
        assert_eq!(read("2026-11-21T10:00:00+02:00").unwrap(), read("2026-11-21T08:00:00Z").unwrap());
        assert!(read("2026-11-21T10:00:00.123456789Z").unwrap().is_some());
        for text in ["2026-11-21T10:00:00", "2026-11-21 10:00:00.5", "2026-11-21T10:00", "2026-11-21"] {
            assert_eq!(read(text), Err("zone_required"), "{text}");
        }
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "1763719200"] {
            assert_eq!(read(text), Err("not_a_moment"), "{text}");
        }
    }
}
