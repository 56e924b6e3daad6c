//! Cron expressions, on the clock on the wall. What a zone makes of its times is not decided here.
//!
//! The expression's own library knows zones too, but it lets repeated hours fire twice; asked about times without a zone it leaves the
//! matter to [`super::Zone`].

use std::sync::Arc;

use chrono::NaiveDateTime;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Longest expression, in characters.
const LONGEST: usize = 100;

/// A cron expression. **Invariant:** of five fields, or of six with the seconds first, or a name such as `@daily`.
#[derive(Debug, Clone)]
pub struct CronExpression {
    text: String,
    cron: Arc<Cron>,
}

impl PartialEq for CronExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl CronExpression {
    /// The only way to make one.
    ///
    /// # Errors
    /// What is wrong with the text, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        if text.chars().count() > LONGEST {
            return Err(format!("must have at most {LONGEST} characters"));
        }
        let spelled = if text.eq_ignore_ascii_case("@midnight") { "@daily" } else { &text };
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        match parser.parse(spelled) {
            Ok(cron) => Ok(Self { text, cron: Arc::new(cron) }),
            Err(_) => Err("must be a cron expression: five fields (minute, hour, day of month, month, day of week), or six with the \
                           seconds first, or a name such as `@daily`"
                .to_owned()),
        }
    }

    /// As it was given, with single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first matching time after another; `None` when none ever matches.
    #[must_use]
    pub fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.find_next_occurrence(&after, false).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, after: &str) -> Option<String> {
        CronExpression::parse(text).unwrap().next(after.parse().unwrap()).map(|time| time.to_string())
    }

    #[test]
    fn five_and_six_fields_names_and_nicknames() {
        let from = "2026-01-01T00:00:00"; // a Thursday
        for (text, expected) in [
            ("*/15 * * * *", "2026-01-01 00:15:00"),
            ("30 */15 * * * *", "2026-01-01 00:00:30"),
            ("0 9 * * MON-FRI", "2026-01-01 09:00:00"),
            ("0 9 * JUL SUN", "2026-07-05 09:00:00"),
            ("0 0 L * *", "2026-01-31 00:00:00"),
            ("0 0 * * 5#2", "2026-01-09 00:00:00"),
            ("0 0 29 2 *", "2028-02-29 00:00:00"),
            ("@hourly", "2026-01-01 01:00:00"),
            ("@daily", "2026-01-02 00:00:00"),
            ("@midnight", "2026-01-02 00:00:00"),
            ("@weekly", "2026-01-04 00:00:00"),
            ("@monthly", "2026-02-01 00:00:00"),
            ("@yearly", "2027-01-01 00:00:00"),
        ] {
            assert_eq!(next(text, from).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_and_what_never_comes_is_none() {
        let long = format!("0 0 * * {}", "1,".repeat(60));
        for wrong in ["", " ", "* * * *", "60 * * * *", "* 24 * * *", "0 0 0 0 0", "* * * * * * 2026", "@never", "a b c d e", &long] {
            assert!(CronExpression::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(next("0 0 31 2 *", "2026-01-01T00:00:00"), None);
    }
}
