//! What a schedule does when its time has come.

use chrono::DateTime;
use serde_json::json;

use super::super::{Counters, DisabledReason, Overlap, Plan, Rule, RunOutcome, Task, Timing, Trigger, Window, Zone};
use super::*;
use crate::job::JobKind;
use crate::shared::{ProjectId, ScheduleId};

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(&format!("2026-01-01T{text}Z")).unwrap().to_utc()
}

fn hourly(misfire: Misfire) -> Schedule {
    let task = Task { kind: JobKind::RepositorySync, parameters: json!({"repository_id": 1}), tags: json!({"team": "dsp"}), priority: 7 };
    let plan = Plan {
        name: "hourly".into(),
        description: None,
        task,
        timing: Timing { rule: Rule::Hourly { minute: 0 }, zone: Zone::UTC, window: Window::default() },
        jitter_seconds: 0,
        misfire,
        catch_up_limit: 3,
        overlap: Overlap::Skip,
        max_failures: Some(2),
    };
    Schedule {
        id: ScheduleId::new(1),
        project: ProjectId::new(1),
        plan,
        next_run_at: Some(at("01:00:00")),
        disabled_reason: None,
        counters: Counters::default(),
        created_by: None,
        version: 1,
        created_at: at("00:00:00"),
        updated_at: at("00:00:00"),
    }
}

#[test]
fn what_is_not_due_changes_nothing() {
    let due = hourly(Misfire::RunOnce).due(at("00:59:59"));
    assert_eq!(due, Due { fires: vec![], passed_over: None, next: Some(at("01:00:00")) });
}

#[test]
fn what_is_due_fires_once_whatever_the_policy() {
    for misfire in Misfire::ALL {
        let due = hourly(*misfire).due(at("01:00:59"));
        assert_eq!(due, Due { fires: vec![at("01:00:00")], passed_over: None, next: Some(at("02:00:00")) }, "{misfire}");
    }
}

#[test]
fn missed_fires_become_one_or_none_or_the_last_few() {
    let due = |misfire| hourly(misfire).due(at("05:30:00"));
    let next = Some(at("06:00:00"));
    assert_eq!(due(Misfire::RunOnce), Due { fires: vec![at("05:00:00")], passed_over: None, next });
    assert_eq!(due(Misfire::Skip), Due { fires: vec![], passed_over: Some(at("05:00:00")), next });
    assert_eq!(due(Misfire::CatchUp), Due { fires: vec![at("03:00:00"), at("04:00:00"), at("05:00:00")], passed_over: None, next });
    // The last of them is on time, so it runs whatever was missed before it.
    assert_eq!(hourly(Misfire::Skip).due(at("05:00:30")).fires, [at("05:00:00")]);
}

#[test]
fn a_promised_time_is_kept_when_the_rule_no_longer_knows_it() {
    let mut schedule = hourly(Misfire::RunOnce);
    schedule.next_run_at = Some(at("01:17:00"));
    assert_eq!(schedule.due(at("01:17:05")).fires, [at("01:17:00")]);
}

#[test]
fn failures_in_a_row_disable_and_a_success_forgives() {
    let failed = |schedule: Schedule| schedule.ended(RunOutcome::Failed, Some("no"), at("01:00:05"));
    let once = failed(hourly(Misfire::RunOnce));
    assert!(once.is_enabled());
    assert_eq!(once.clone().ended(RunOutcome::Completed, None, at("02:00:00")).counters.consecutive_failures, 0);
    assert_eq!(once.clone().ended(RunOutcome::Cancelled, None, at("02:00:00")).counters, once.counters);
    let twice = failed(once);
    assert_eq!((twice.disabled_reason, twice.next_run_at, twice.version), (Some(DisabledReason::Failures), None, 2));
    assert_eq!(twice.counters.last_error.as_deref(), Some("no"));
    let again = twice.enabled(at("03:30:00")).unwrap();
    assert_eq!((again.next_run_at, again.counters.consecutive_failures), (Some(at("04:00:00")), 0));
    let mut stubborn = hourly(Misfire::RunOnce);
    stubborn.plan.max_failures = None;
    assert!((0..50).fold(stubborn, |schedule, _| failed(schedule)).is_enabled());
}

#[test]
fn a_job_starts_with_the_fires_jitter_and_names_its_schedule() {
    let mut schedule = hourly(Misfire::RunOnce);
    schedule.plan.jitter_seconds = 600;
    let job = |trigger, now| schedule.job(at("01:00:00"), trigger, now);
    let first = job(Trigger::Schedule, at("01:00:00"));
    assert_eq!(first.run_at, job(Trigger::Schedule, at("01:00:00")).run_at);
    assert!(first.run_at >= Some(at("01:00:00")) && first.run_at <= Some(at("01:10:00")));
    assert_eq!((first.tags, first.priority), (json!({"team": "dsp", "schedule_id": 1}), 7));
    assert_eq!(job(Trigger::Manual, at("01:00:01")).run_at, Some(at("01:00:01")));
}
