//! What the health report finds.

use chrono::DateTime;
use serde_json::json;

use super::super::{Counters, Misfire, Overlap, Plan, Rule, Task, Timing, Window, Zone};
use super::*;
use crate::job::JobKind;
use crate::shared::ProjectId;

fn now() -> Timestamp {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn schedule(rule: Rule, counters: Counters) -> Schedule {
    let made = now() - TimeDelta::days(100);
    Schedule {
        id: ScheduleId::new(1),
        project: ProjectId::new(1),
        plan: Plan {
            name: "s".into(),
            description: None,
            task: Task { kind: JobKind::RepositorySync, parameters: json!({}), tags: json!({}), priority: 5 },
            timing: Timing { rule, zone: Zone::UTC, window: Window::default() },
            jitter_seconds: 0,
            misfire: Misfire::RunOnce,
            catch_up_limit: 1,
            overlap: Overlap::Skip,
            max_failures: None,
        },
        next_run_at: Some(now() + TimeDelta::hours(1)),
        disabled_reason: None,
        counters,
        created_by: None,
        version: 1,
        created_at: made,
        updated_at: made,
    }
}

fn daily(successes: i64, failures: i64, consecutive_failures: i32) -> Schedule {
    let counters = Counters { successes, failures, consecutive_failures, last_run_at: Some(now()), ..Counters::default() };
    schedule(Rule::Daily { at: chrono::NaiveTime::MIN }, counters)
}

fn codes(schedule: &Schedule) -> Vec<(&'static str, Severity)> {
    HealthReport::of(std::slice::from_ref(schedule), now()).issues.iter().map(|issue| (issue.code, issue.severity)).collect()
}

#[test]
fn a_schedule_without_trouble_is_healthy() {
    let report = HealthReport::of(&[daily(100, 2, 2), daily(0, 2, 2), daily(0, 0, 0)], now());
    assert_eq!((report.worst(), report.schedules), (None, 3));
}

#[test]
fn none_of_many_is_a_low_rate_too_and_none_at_all_is_critical() {
    assert_eq!(codes(&daily(0, 11, 0)), [("never_succeeded", Severity::Critical), ("low_success_rate", Severity::Warning)]);
    assert_eq!(codes(&daily(0, 3, 3)), [("never_succeeded", Severity::Critical)]);
    assert_eq!(codes(&daily(5, 6, 0)), [("low_success_rate", Severity::Warning)]);
    assert_eq!(codes(&daily(5, 5, 0)), []);
    assert_eq!(codes(&daily(50, 3, 3)), [("failing", Severity::Critical)]);
}

#[test]
fn silence_is_measured_by_the_schedules_own_period() {
    let silent = |rule, days| codes(&schedule(rule, Counters { last_run_at: Some(now() - TimeDelta::days(days)), ..Counters::default() }));
    let monthly = || Rule::Monthly { day: 1, at: chrono::NaiveTime::MIN };
    assert_eq!(silent(monthly(), 30), []);
    assert_eq!(silent(monthly(), 63), [("stale", Severity::Info)]);
    assert_eq!(silent(Rule::Hourly { minute: 0 }, 6), []);
    assert_eq!(silent(Rule::Hourly { minute: 0 }, 8), [("stale", Severity::Info)]);
}

#[test]
fn what_is_due_and_not_fired_is_overdue_and_what_failed_itself_to_death_is_critical() {
    let mut late = daily(1, 0, 0);
    late.next_run_at = Some(now() - TimeDelta::minutes(6));
    assert_eq!(codes(&late), [("overdue", Severity::Warning)]);
    let dead = daily(1, 5, 5).disabled(DisabledReason::Failures, now());
    assert_eq!(codes(&dead), [("auto_disabled", Severity::Critical)]);
}
