//! What is accepted of clients, and what is refused by which name.

use serde_json::json;

use super::super::{RuleInput, Weekday};
use super::*;
use crate::job::JobKind;

fn set<T: Into<String>>(text: T) -> Patch<String> {
    Patch::Set(text.into())
}

fn task() -> Task {
    Task { kind: JobKind::RepositorySync, parameters: json!({"repository_id": 1}), tags: json!({}), priority: 5 }
}

fn rule(frequency: &str) -> RuleInput {
    RuleInput { frequency: set(frequency), ..Default::default() }
}

fn input(rule: RuleInput) -> ScheduleInput {
    ScheduleInput { name: set("Nightly"), timing: TimingInput { rule, ..Default::default() }, ..Default::default() }
}

fn broken(input: ScheduleInput, base: Option<&Plan>) -> Vec<(String, &'static str)> {
    let Invalid(errors) = input.over(base, Ok(task())).unwrap_err();
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn a_new_schedule_takes_defaults() {
    let plan = input(rule("weekly")).over(None, Ok(task())).unwrap();
    assert_eq!((plan.timing.zone, plan.misfire, plan.overlap), (Zone::UTC, Misfire::RunOnce, Overlap::Skip));
    assert_eq!((plan.jitter_seconds, plan.catch_up_limit, plan.max_failures), (0, 10, Some(10)));
    assert_eq!(plan.timing.rule.time_of_day().as_deref(), Some("00:00:00"));
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let input = ScheduleInput {
        name: set(" "),
        timing: TimingInput {
            rule: RuleInput { cron_expression: set("* * *"), minute: Patch::Set(5), ..rule("cron") },
            timezone: set("Mars/Olympus"),
            start_time: set("2026-02-01T00:00:00Z"),
            end_time: set("2026-01-01T00:00:00Z"),
        },
        jitter_seconds: Patch::Set(-1),
        catch_up_limit: Patch::Set(101),
        misfire_policy: set("retry"),
        overlap_policy: Patch::Clear,
        max_consecutive_failures: Patch::Set(0),
        ..Default::default()
    };
    let Invalid(errors) = input.over(None, Err(vec![FieldError::new("task_type", "required", "is required")])).unwrap_err();
    let found: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
    let expected = [
        ("name", "required"),
        ("task_type", "required"),
        ("minute", "not_applicable"),
        ("cron_expression", "not_cron"),
        ("timezone", "unknown_zone"),
        ("end_time", "before_start"),
        ("jitter_seconds", "out_of_range"),
        ("catch_up_limit", "out_of_range"),
        ("misfire_policy", "unknown_value"),
        ("overlap_policy", "null"),
        ("max_consecutive_failures", "out_of_range"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn each_frequency_asks_for_what_it_needs() {
    let cases = [
        (rule("cron"), ("cron_expression", "required")),
        (rule("interval"), ("interval_seconds", "required")),
        (RuleInput { interval_seconds: Patch::Set(0), ..rule("interval") }, ("interval_seconds", "out_of_range")),
        (rule("once"), ("start_time", "required")),
        (rule("yearly"), ("frequency", "unknown_value")),
        (RuleInput::default(), ("frequency", "required")),
        (RuleInput { time_of_day: set("24:00"), ..rule("daily") }, ("time_of_day", "not_a_time")),
        (RuleInput { time_of_day: set("23:59:60"), ..rule("daily") }, ("time_of_day", "not_a_time")),
        (RuleInput { weekday: set("someday"), ..rule("weekly") }, ("weekday", "unknown_value")),
        (RuleInput { day_of_month: Patch::Set(32), ..rule("monthly") }, ("day_of_month", "out_of_range")),
        (RuleInput { minute: Patch::Set(60), ..rule("hourly") }, ("minute", "out_of_range")),
        (RuleInput { weekday: set("monday"), ..rule("daily") }, ("weekday", "not_applicable")),
    ];
    for (rule, (field, code)) in cases {
        assert_eq!(broken(input(rule.clone()), None), [(field.to_owned(), code)], "{rule:?}");
    }
}

#[test]
fn a_change_keeps_what_it_does_not_name_unless_the_frequency_is_another() {
    let weekly = RuleInput { weekday: set("friday"), time_of_day: set("07:30"), ..rule("weekly") };
    let before = ScheduleInput { description: set("d"), ..input(weekly) }.over(None, Ok(task())).unwrap();
    let timed = |rule| ScheduleInput { timing: TimingInput { rule, ..Default::default() }, ..Default::default() };
    let later = timed(RuleInput { time_of_day: set("08:00"), ..Default::default() }).over(Some(&before), Ok(task())).unwrap();
    assert_eq!(later.timing.rule.weekday(), Some(Weekday::Friday));
    assert_eq!((later.name.as_str(), later.description.as_deref()), ("Nightly", Some("d")));
    let daily = timed(rule("daily")).over(Some(&later), Ok(task())).unwrap();
    assert_eq!(daily.timing.rule.time_of_day().as_deref(), Some("00:00:00"));
    assert_eq!(broken(timed(rule("cron")), Some(&before)), [("cron_expression".to_owned(), "required")]);
    assert_eq!(broken(ScheduleInput { name: Patch::Clear, ..Default::default() }, Some(&before)), [("name".to_owned(), "required")]);
}

#[test]
fn what_would_never_fire_is_refused_by_the_field_to_change() {
    let now = chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap();
    let refused = |rule, start: Option<&str>, end: Option<&str>| {
        let given = |text: Option<&str>| text.map_or(Patch::Keep, set);
        let timing = TimingInput { rule, start_time: given(start), end_time: given(end), timezone: Patch::Keep };
        let Invalid(errors) = timing.alone().unwrap().require_fire(now, now).unwrap_err();
        (errors[0].field.clone(), errors[0].code)
    };
    let cron = |text| RuleInput { cron_expression: set(text), ..rule("cron") };
    assert_eq!(refused(rule("once"), Some("2025-12-31T00:00:00Z"), None), ("start_time".into(), "in_the_past"));
    assert_eq!(refused(cron("0 0 31 2 *"), None, None), ("cron_expression".into(), "never_fires"));
    assert_eq!(refused(rule("daily"), None, Some("2026-01-01T12:00:00Z")), ("end_time".into(), "never_fires"));
}
