//! The next fire: a pure function of rule, zone and moment.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use crate::shared::Timestamp;

use super::{Rule, Timing, Zone};

/// Wall clock times that may give no later moment before the search is given up. A clock set back repeats an hour, so an expression of
/// every second can be held up by 3,600 of them; Antarctica's research stations know changes of three hours.
const REPEATED: usize = 30_000;

impl Timing {
    /// The first fire after a moment, within the window; `anchor` is what intervals count from when the window has no start. A time
    /// that the zone's clock skips fires at the first moment after the gap, one that it shows twice fires at the first of the two.
    /// `None` when none is left.
    #[must_use]
    pub fn next_after(&self, after: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
        let before_start = self.window.start.and_then(|start| start.checked_sub_signed(TimeDelta::microseconds(1)));
        let after = before_start.map_or(after, |start| start.max(after));
        let next = match &self.rule {
            Rule::Once => self.window.start.filter(|start| *start > after),
            Rule::Interval { seconds } => every(*seconds, self.window.start.unwrap_or(anchor), after),
            Rule::Hourly { .. } | Rule::Daily { .. } | Rule::Weekly { .. } | Rule::Monthly { .. } | Rule::Cron(_) => {
                on_the_wall(&self.rule, self.zone, after)
            }
        };
        next.filter(|next| self.window.end.is_none_or(|end| *next < end))
    }

    /// The first fires after a moment.
    #[must_use]
    pub fn next_fires(&self, after: Timestamp, anchor: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next_after(after, anchor), |last| self.next_after(*last, anchor)).take(count).collect()
    }

    /// The last fires from one moment to another, both included, oldest first; at most `count`. Looks back in growing steps, so that
    /// a schedule of every second that was left alone for a year is not gone through second by second.
    #[must_use]
    pub fn last_fires(&self, from: Timestamp, to: Timestamp, anchor: Timestamp, count: usize) -> Vec<Timestamp> {
        let just_before = from - TimeDelta::microseconds(1);
        let mut span = TimeDelta::minutes(1);
        loop {
            let begin = to.checked_sub_signed(span).unwrap_or(just_before).max(just_before);
            let mut fires: Vec<_> = std::iter::successors(self.next_after(begin, anchor), |last| self.next_after(*last, anchor))
                .take_while(|fire| *fire <= to)
                .collect();
            if fires.len() >= count || begin == just_before {
                return fires.split_off(fires.len().saturating_sub(count));
            }
            span = span * 4;
        }
    }
}

/// The first multiple of an interval after a moment, counted from an anchor, which is itself one of them.
fn every(seconds: i64, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
    if after < anchor {
        return Some(anchor);
    }
    let step = TimeDelta::try_seconds(seconds)?.num_microseconds()?;
    let passed = (after - anchor).num_microseconds()? / step;
    anchor.checked_add_signed(TimeDelta::microseconds(step.checked_mul(passed + 1)?))
}

/// Moments grow with wall clock times, so the first time after what the clock shows whose moment lies ahead is the next fire. Times
/// that it shows again after having been set back lie behind already.
fn on_the_wall(rule: &Rule, zone: Zone, after: Timestamp) -> Option<Timestamp> {
    let mut wall = zone.wall_clock(after);
    for _ in 0..REPEATED {
        wall = next_on_the_wall(rule, wall)?;
        let moment = zone.moment(wall)?;
        if moment > after {
            return Some(moment);
        }
    }
    None
}

fn next_on_the_wall(rule: &Rule, after: NaiveDateTime) -> Option<NaiveDateTime> {
    match rule {
        Rule::Hourly { minute } => {
            let at = after.with_minute(*minute)?.with_second(0)?.with_nanosecond(0)?;
            if at > after { Some(at) } else { at.checked_add_signed(TimeDelta::hours(1)) }
        }
        Rule::Daily { at } => later(after, after.date().and_time(*at), || Some(after.date().checked_add_days(Days::new(1))?.and_time(*at))),
        Rule::Weekly { day, at } => {
            let ahead = (7 + day.from_monday() - after.weekday().num_days_from_monday()) % 7;
            let date = after.date().checked_add_days(Days::new(u64::from(ahead)))?;
            later(after, date.and_time(*at), || Some(date.checked_add_days(Days::new(7))?.and_time(*at)))
        }
        Rule::Monthly { day, at } => {
            let first = after.date().with_day(1)?;
            later(after, day_of(first, *day)?.and_time(*at), || {
                Some(day_of(first.checked_add_months(Months::new(1))?, *day)?.and_time(*at))
            })
        }
        Rule::Cron(expression) => expression.next(after),
        Rule::Once | Rule::Interval { .. } => None,
    }
}

fn later(after: NaiveDateTime, this: NaiveDateTime, next: impl FnOnce() -> Option<NaiveDateTime>) -> Option<NaiveDateTime> {
    if this > after { Some(this) } else { next() }
}

/// A day of the month that begins with `first`; its last day when it is shorter.
fn day_of(first: NaiveDate, day: u32) -> Option<NaiveDate> {
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    Some(first.with_day(day).unwrap_or(last))
}

#[cfg(test)]
#[path = "next_tests.rs"]
mod tests;
