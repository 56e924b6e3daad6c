//! When a schedule fires: one of seven rules, each with what it needs and nothing else.

use chrono::{NaiveTime, Timelike};

use crate::shared::{Checker, Patch};

use super::{CronExpression, Frequency, Weekday};

/// Longest interval: a leap year.
const LONGEST_INTERVAL: i64 = 366 * 24 * 3600;

/// When a schedule fires, on the clock of its zone.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// At the start of the window.
    Once,
    /// Every hour at this minute.
    Hourly {
        /// 0 to 59.
        minute: u32,
    },
    /// Every day at this time.
    Daily {
        /// The time of day.
        at: NaiveTime,
    },
    /// Every week on this day at this time.
    Weekly {
        /// The day.
        day: Weekday,
        /// The time of day.
        at: NaiveTime,
    },
    /// Every month on this day at this time.
    Monthly {
        /// 1 to 31; in a shorter month its last day.
        day: u32,
        /// The time of day.
        at: NaiveTime,
    },
    /// Every so many seconds, counted from the start of the window, or from the schedule's creation without one.
    Interval {
        /// At least 1.
        seconds: i64,
    },
    /// Whenever the expression matches.
    Cron(CronExpression),
}

/// The fields of a rule as a client gave them.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Rule`")]
pub struct RuleInput {
    pub frequency: Patch<String>,
    pub minute: Patch<i64>,
    pub time_of_day: Patch<String>,
    pub weekday: Patch<String>,
    pub day_of_month: Patch<i64>,
    pub interval_seconds: Patch<i64>,
    pub cron_expression: Patch<String>,
}

impl Rule {
    /// Which kind of rule it is.
    #[must_use]
    pub const fn frequency(&self) -> Frequency {
        match self {
            Self::Once => Frequency::Once,
            Self::Hourly { .. } => Frequency::Hourly,
            Self::Daily { .. } => Frequency::Daily,
            Self::Weekly { .. } => Frequency::Weekly,
            Self::Monthly { .. } => Frequency::Monthly,
            Self::Interval { .. } => Frequency::Interval,
            Self::Cron(_) => Frequency::Cron,
        }
    }

    /// The minute of the hour, for an hourly rule.
    #[must_use]
    pub const fn minute(&self) -> Option<u32> {
        match self {
            Self::Hourly { minute } => Some(*minute),
            Self::Once | Self::Daily { .. } | Self::Weekly { .. } | Self::Monthly { .. } | Self::Interval { .. } | Self::Cron(_) => None,
        }
    }

    /// The time of day as `HH:MM:SS`, for a rule that has one.
    #[must_use]
    pub fn time_of_day(&self) -> Option<String> {
        match self {
            Self::Daily { at } | Self::Weekly { at, .. } | Self::Monthly { at, .. } => Some(at.format("%H:%M:%S").to_string()),
            Self::Once | Self::Hourly { .. } | Self::Interval { .. } | Self::Cron(_) => None,
        }
    }

    /// The day of the week, for a weekly rule.
    #[must_use]
    pub const fn weekday(&self) -> Option<Weekday> {
        match self {
            Self::Weekly { day, .. } => Some(*day),
            Self::Once | Self::Hourly { .. } | Self::Daily { .. } | Self::Monthly { .. } | Self::Interval { .. } | Self::Cron(_) => None,
        }
    }

    /// The day of the month, for a monthly rule.
    #[must_use]
    pub const fn day_of_month(&self) -> Option<u32> {
        match self {
            Self::Monthly { day, .. } => Some(*day),
            Self::Once | Self::Hourly { .. } | Self::Daily { .. } | Self::Weekly { .. } | Self::Interval { .. } | Self::Cron(_) => None,
        }
    }

    /// The seconds between fires, for an interval.
    #[must_use]
    pub const fn interval_seconds(&self) -> Option<i64> {
        match self {
            Self::Interval { seconds } => Some(*seconds),
            Self::Once | Self::Hourly { .. } | Self::Daily { .. } | Self::Weekly { .. } | Self::Monthly { .. } | Self::Cron(_) => None,
        }
    }

    /// The expression, for a cron rule.
    #[must_use]
    pub fn cron_expression(&self) -> Option<&str> {
        match self {
            Self::Cron(expression) => Some(expression.as_str()),
            Self::Once | Self::Hourly { .. } | Self::Daily { .. } | Self::Weekly { .. } | Self::Monthly { .. } | Self::Interval { .. } => {
                None
            }
        }
    }
}

impl RuleInput {
    /// The rule of laying this input over the stored one; without one every field that the frequency needs must be there. What a client
    /// does not mention stays only while the frequency does.
    pub(super) fn over(self, check: &mut Checker, base: Option<&Rule>) -> Option<Rule> {
        let frequency = match &self.frequency {
            Patch::Set(text) => check.choice("frequency", text.trim(), Frequency::parse)?,
            Patch::Keep if base.is_some() => base?.frequency(),
            Patch::Keep | Patch::Clear => {
                check.note("frequency", "required", "is required");
                return None;
            }
        };
        let base = base.filter(|rule| rule.frequency() == frequency);
        self.refuse_strangers(check, frequency);
        match frequency {
            Frequency::Once => Some(Rule::Once),
            Frequency::Hourly => self.minute(check, base).map(|minute| Rule::Hourly { minute }),
            Frequency::Daily => self.time(check, base).map(|at| Rule::Daily { at }),
            Frequency::Weekly => {
                let (day, at) = (self.day(check, base), self.time(check, base));
                Some(Rule::Weekly { day: day?, at: at? })
            }
            Frequency::Monthly => {
                let (day, at) = (self.month_day(check, base), self.time(check, base));
                Some(Rule::Monthly { day: day?, at: at? })
            }
            Frequency::Interval => self.interval(check, base).map(|seconds| Rule::Interval { seconds }),
            Frequency::Cron => self.cron(check, base).map(Rule::Cron),
        }
    }

    /// A field that the frequency does not take is a misunderstanding, better refused than ignored.
    fn refuse_strangers(&self, check: &mut Checker, frequency: Frequency) {
        use Frequency::{Cron, Daily, Hourly, Interval, Monthly, Weekly};
        let given = [
            ("minute", matches!(self.minute, Patch::Set(_)), &[Hourly][..]),
            ("time_of_day", matches!(self.time_of_day, Patch::Set(_)), &[Daily, Weekly, Monthly]),
            ("weekday", matches!(self.weekday, Patch::Set(_)), &[Weekly]),
            ("day_of_month", matches!(self.day_of_month, Patch::Set(_)), &[Monthly]),
            ("interval_seconds", matches!(self.interval_seconds, Patch::Set(_)), &[Interval]),
            ("cron_expression", matches!(self.cron_expression, Patch::Set(_)), &[Cron]),
        ];
        for (field, is_given, takers) in given {
            if is_given && !takers.contains(&frequency) {
                check.note(field, "not_applicable", format!("does not go with the frequency `{frequency}`"));
            }
        }
    }

    fn minute(&self, check: &mut Checker, base: Option<&Rule>) -> Option<u32> {
        match self.minute {
            Patch::Set(minute) => u32::try_from(check.number("minute", minute, (0, 59))).ok(),
            Patch::Clear => Some(0),
            Patch::Keep => base.and_then(Rule::minute).or(Some(0)),
        }
    }

    fn time(&self, check: &mut Checker, base: Option<&Rule>) -> Option<NaiveTime> {
        let kept = |rule: &Rule| match rule {
            Rule::Daily { at } | Rule::Weekly { at, .. } | Rule::Monthly { at, .. } => Some(*at),
            Rule::Once | Rule::Hourly { .. } | Rule::Interval { .. } | Rule::Cron(_) => None,
        };
        match &self.time_of_day {
            Patch::Set(text) => time_of_day(check, text),
            Patch::Clear => Some(NaiveTime::MIN),
            Patch::Keep => base.and_then(kept).or(Some(NaiveTime::MIN)),
        }
    }

    fn day(&self, check: &mut Checker, base: Option<&Rule>) -> Option<Weekday> {
        match &self.weekday {
            Patch::Set(text) => check.choice("weekday", &text.trim().to_lowercase(), Weekday::parse),
            Patch::Clear => Some(Weekday::Monday),
            Patch::Keep => base.and_then(Rule::weekday).or(Some(Weekday::Monday)),
        }
    }

    fn month_day(&self, check: &mut Checker, base: Option<&Rule>) -> Option<u32> {
        match self.day_of_month {
            Patch::Set(day) => u32::try_from(check.number("day_of_month", day, (1, 31))).ok(),
            Patch::Clear => Some(1),
            Patch::Keep => base.and_then(Rule::day_of_month).or(Some(1)),
        }
    }

    fn interval(&self, check: &mut Checker, base: Option<&Rule>) -> Option<i64> {
        match self.interval_seconds {
            Patch::Set(seconds) => Some(check.number("interval_seconds", seconds, (1, LONGEST_INTERVAL))),
            Patch::Keep => base.and_then(Rule::interval_seconds).or_else(|| required(check, "interval_seconds", "interval")),
            Patch::Clear => required(check, "interval_seconds", "interval"),
        }
    }

    fn cron(&self, check: &mut Checker, base: Option<&Rule>) -> Option<CronExpression> {
        let kept = |rule: &Rule| match rule {
            Rule::Cron(expression) => Some(expression.clone()),
            Rule::Once | Rule::Hourly { .. } | Rule::Daily { .. } | Rule::Weekly { .. } | Rule::Monthly { .. } | Rule::Interval { .. } => {
                None
            }
        };
        match &self.cron_expression {
            Patch::Set(text) => match CronExpression::parse(text) {
                Ok(expression) => Some(expression),
                Err(why) => {
                    check.note("cron_expression", "not_cron", why);
                    None
                }
            },
            Patch::Keep => base.and_then(kept).or_else(|| required(check, "cron_expression", "cron")),
            Patch::Clear => required(check, "cron_expression", "cron"),
        }
    }
}

fn required<T>(check: &mut Checker, field: &str, frequency: &str) -> Option<T> {
    check.note(field, "required", format!("is required by the frequency `{frequency}`"));
    None
}

/// `HH:MM` or `HH:MM:SS`.
fn time_of_day(check: &mut Checker, text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let read = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    // Chrono reads second 60 as a leap second.
    let time = read.filter(|time| time.nanosecond() == 0);
    if time.is_none() {
        check.note("time_of_day", "not_a_time", "must be a time of day such as `07:30` or `07:30:15`");
    }
    time
}
