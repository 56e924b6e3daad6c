//! The next fire: its rules one by one, and what holds for all of them.

use chrono::{DateTime, NaiveTime, TimeZone};
use proptest::prelude::*;

use super::super::{CronExpression, Weekday, Window};
use super::*;

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn timing(rule: Rule, zone: &str) -> Timing {
    Timing { rule, zone: Zone::parse(zone).unwrap(), window: Window::default() }
}

fn fires(timing: &Timing, after: &str, count: usize) -> Vec<String> {
    timing.next_fires(at(after), at(after), count).iter().map(|fire| fire.format("%m-%dT%H:%M").to_string()).collect()
}

#[test]
fn a_skipped_time_fires_at_the_end_of_the_gap_and_a_repeated_one_once() {
    let daily = |text| timing(Rule::Daily { at: time(text) }, "America/New_York");
    assert_eq!(fires(&daily("02:30"), "2026-03-07T12:00:00Z", 2), ["03-08T07:00", "03-09T06:30"]);
    assert_eq!(fires(&daily("01:30"), "2026-10-31T12:00:00Z", 2), ["11-01T05:30", "11-02T06:30"]);
    // The defect of old: after the change the offset of before was kept.
    assert_eq!(fires(&daily("09:00"), "2026-03-07T12:00:00Z", 2), ["03-07T14:00", "03-08T13:00"]);
}

#[test]
fn days_that_a_month_lacks_are_its_last() {
    let monthly = timing(Rule::Monthly { day: 31, at: time("00:00") }, "UTC");
    assert_eq!(fires(&monthly, "2027-12-31T00:00:00Z", 4), ["01-31T00:00", "02-29T00:00", "03-31T00:00", "04-30T00:00"]);
}

#[test]
fn half_hour_zones_have_their_own_full_hours() {
    assert_eq!(fires(&timing(Rule::Hourly { minute: 0 }, "Asia/Kolkata"), "2026-01-01T00:00:00Z", 2), ["01-01T00:30", "01-01T01:30"]);
}

#[test]
fn intervals_count_from_the_start_and_know_no_clocks() {
    let mut interval = timing(Rule::Interval { seconds: 90 * 60 }, "America/New_York");
    assert_eq!(fires(&interval, "2026-03-08T05:00:00Z", 3), ["03-08T06:30", "03-08T08:00", "03-08T09:30"]);
    interval.window.start = Some(at("2026-03-08T06:15:00Z"));
    assert_eq!(fires(&interval, "2026-03-08T05:00:00Z", 2), ["03-08T06:15", "03-08T07:45"]);
}

#[test]
fn the_window_holds_its_first_moment_and_not_its_last() {
    let mut hourly = timing(Rule::Hourly { minute: 0 }, "UTC");
    hourly.window = Window { start: Some(at("2026-01-01T10:00:00Z")), end: Some(at("2026-01-01T12:00:00Z")) };
    assert_eq!(fires(&hourly, "2026-01-01T00:00:00Z", 9), ["01-01T10:00", "01-01T11:00"]);
    let once = Timing { rule: Rule::Once, ..hourly };
    assert_eq!(fires(&once, "2026-01-01T00:00:00Z", 9), ["01-01T10:00"]);
    assert_eq!(once.next_after(at("2026-01-01T10:00:00Z"), at("2026-01-01T00:00:00Z")), None);
}

#[test]
fn what_was_missed_for_long_is_found_from_its_end() {
    let second = timing(Rule::Cron(CronExpression::parse("* * * * * *").unwrap()), "UTC");
    let (from, to) = (at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    let last = second.last_fires(from, to, from, 3);
    assert_eq!(last, [to - TimeDelta::seconds(2), to - TimeDelta::seconds(1), to]);
    let yearly = timing(Rule::Cron(CronExpression::parse("@yearly").unwrap()), "UTC");
    assert_eq!(yearly.last_fires(from, to, from, 100).len(), 7, "both ends are included");
    assert_eq!(yearly.last_fires(to, to, from, 100), [to]);
}

fn rules() -> impl Strategy<Value = Rule> {
    let time = (0..24_u32, 0..60_u32).prop_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap());
    let cron = prop::sample::select(vec!["*/7 * * * *", "30 1,2 * * *", "0 0 L * *", "10 */40 * * * *", "15 3 * * SUN#1"]);
    prop_oneof![
        (0..60_u32).prop_map(|minute| Rule::Hourly { minute }),
        time.clone().prop_map(|at| Rule::Daily { at }),
        (prop::sample::select(Weekday::ALL), time.clone()).prop_map(|(day, at)| Rule::Weekly { day, at }),
        (1..=31_u32, time).prop_map(|(day, at)| Rule::Monthly { day, at }),
        (1..100_000_i64).prop_map(|seconds| Rule::Interval { seconds }),
        cron.prop_map(|text| Rule::Cron(CronExpression::parse(text).unwrap())),
    ]
}

fn zones() -> impl Strategy<Value = Zone> {
    let names =
        ["UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "America/Santiago", "Africa/Cairo"];
    prop::sample::select(names.to_vec()).prop_map(|name| Zone::parse(name).unwrap())
}

proptest! {
    #[test]
    fn a_fire_comes_later_and_nothing_fires_in_between(rule in rules(), zone in zones(), second in 1_767_225_600_i64..1_924_992_000, part in 0.0..1.0_f64) {
        let timing = Timing { rule, zone, window: Window::default() };
        let anchor = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let after = DateTime::from_timestamp(second, 0).unwrap();
        let next = timing.next_after(after, anchor).unwrap();
        prop_assert!(next > after);
        let between = after + TimeDelta::seconds(((next - after).num_seconds() as f64 * part) as i64);
        prop_assert_eq!(timing.next_after(between.min(next - TimeDelta::microseconds(1)), anchor), Some(next));
        prop_assert_eq!(timing.last_fires(after, next, anchor, 1), vec![next]);
    }

    #[test]
    fn a_fire_is_on_time_on_the_wall_unless_the_clock_skips_it(at in (0..24_u32, 0..60_u32), zone in zones(), second in 1_767_225_600_i64..1_924_992_000) {
        let at = NaiveTime::from_hms_opt(at.0, at.1, 0).unwrap();
        let timing = Timing { rule: Rule::Daily { at }, zone, window: Window::default() };
        let after = DateTime::from_timestamp(second, 0).unwrap();
        let next = timing.next_after(after, after).unwrap();
        let wall = zone.wall_clock(next);
        let a_second_before = zone.wall_clock(next - TimeDelta::seconds(1));
        let skipped = wall - a_second_before != TimeDelta::seconds(1);
        prop_assert!(wall.time() == at || skipped, "{wall} for {at} in {zone}");
        prop_assert!(next - after <= TimeDelta::hours(25));
    }

    #[test]
    fn later_times_on_the_wall_are_never_earlier_moments(zone in zones(), second in 1_767_225_600_i64..1_924_992_000, by in 0_i64..20_000) {
        let wall = chrono::Utc.timestamp_opt(second, 0).unwrap().naive_utc();
        prop_assert!(zone.moment(wall) <= zone.moment(wall + TimeDelta::seconds(by)));
    }
}
