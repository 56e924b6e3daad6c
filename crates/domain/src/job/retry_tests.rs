//! Claims about backoff and endings.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::job::{Items, JobKind, JobStatus};
use crate::shared::{JobId, ProjectId};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn job(attempt: i32, max_attempts: i32) -> Job {
    Job {
        id: JobId::new(1),
        project: ProjectId::new(1),
        kind: JobKind::RepositorySync,
        queue: JobKind::RepositorySync.queue(),
        parameters: json!({}),
        tags: json!({}),
        priority: 5,
        status: JobStatus::Running,
        progress: 0,
        current_step: None,
        items: Items::default(),
        result: None,
        error: None,
        error_class: None,
        attempt,
        max_attempts,
        cancel_requested: false,
        parent: None,
        open_children: 0,
        worker: Some("w".into()),
        fence: 1,
        attempt_started_at: Some(now()),
        created_by: None,
        request_id: None,
        created_at: now(),
        run_at: Some(now()),
        started_at: Some(now()),
        completed_at: None,
    }
}

fn seen(stopped: Option<StopReason>) -> Circumstances {
    Circumstances { now: now(), chance: 1.0, stopped, policy: RetryPolicy { base: TimeDelta::seconds(1), cap: TimeDelta::seconds(60) } }
}

fn failed(failure: JobFailure) -> Outcome {
    Outcome::Returned(Err(failure))
}

#[test]
fn waits_double_up_to_the_cap_and_jitter_covers_all_of_it() {
    let policy = seen(None).policy;
    let bounds: Vec<_> = (1..=8).map(|attempt| policy.delay(attempt, 1.0).num_seconds()).collect();
    assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(policy.delay(5, 0.0), TimeDelta::zero());
    assert_eq!(policy.delay(5, 0.5).num_seconds(), 8);
}

#[test]
fn a_failure_is_retried_until_attempts_run_out() {
    let ending = |attempt| Ending::of(&job(attempt, 3), failed(JobFailure::Retry("x".into())), &seen(None)).unwrap();
    assert_eq!(ending(2), Ending::Retry(Trouble::new("x", "retry"), now() + TimeDelta::seconds(2)));
    assert_eq!(ending(3), Ending::Dead(Trouble::new("x", "retry")));
}

#[test]
fn a_hopeless_failure_is_not_retried_and_a_wait_is_kept() {
    let of = |failure| Ending::of(&job(1, 3), failed(failure), &seen(None)).unwrap();
    assert_eq!(of(JobFailure::Fail("no".into())), Ending::Failed(Trouble::new("no", "fail")));
    let at = now() + TimeDelta::hours(1);
    assert_eq!(of(JobFailure::WaitUntil { reason: "limit".into(), at }), Ending::Wait(Trouble::new("limit", "wait"), at));
    let past = JobFailure::WaitUntil { reason: "limit".into(), at: now() - TimeDelta::hours(1) };
    assert_eq!(of(past), Ending::Wait(Trouble::new("limit", "wait"), now() + TimeDelta::seconds(1)));
}

#[test]
fn a_panic_counts_as_a_failed_attempt() {
    let of = |attempt| Ending::of(&job(attempt, 2), Outcome::Panicked("boom".into()), &seen(None)).unwrap();
    assert!(matches!(of(1), Ending::Retry(..)));
    assert_eq!(of(2), Ending::Dead(Trouble::new("boom", "panic")));
}

#[test]
fn a_request_to_cancel_wins_over_failures_but_not_over_success() {
    let requested = seen(Some(StopReason::Requested));
    for failure in [JobFailure::Cancelled, JobFailure::Retry("x".into()), JobFailure::Fail("x".into())] {
        assert_eq!(Ending::of(&job(1, 3), failed(failure), &requested), Some(Ending::Cancelled));
    }
    assert_eq!(Ending::of(&job(1, 3), Outcome::Abandoned, &requested), Some(Ending::Cancelled));
    assert_eq!(Ending::of(&job(1, 3), Outcome::Returned(Ok(Value::Null)), &requested), Some(Ending::Completed(Value::Null)));
}

#[test]
fn a_run_stopped_by_shutdown_is_handed_back_and_one_without_lease_writes_nothing() {
    let shutdown = seen(Some(StopReason::Shutdown));
    assert_eq!(Ending::of(&job(1, 1), failed(JobFailure::Cancelled), &shutdown), Some(Ending::Released(now())));
    assert_eq!(Ending::of(&job(1, 1), Outcome::Abandoned, &shutdown), Some(Ending::Released(now())));
    let lost = seen(Some(StopReason::LeaseLost));
    assert_eq!(Ending::of(&job(1, 1), Outcome::Returned(Ok(Value::Null)), &lost), None);
}

#[test]
fn a_run_over_its_soft_limit_failed_and_one_over_its_hard_limit_failed_for_good() {
    let soft = seen(Some(StopReason::SoftLimit));
    let ending = Ending::of(&job(1, 3), failed(JobFailure::Cancelled), &soft).unwrap();
    assert!(matches!(&ending, Ending::Retry(trouble, _) if trouble.class == "timeout"), "{ending:?}");
    assert!(matches!(Ending::of(&job(3, 3), Outcome::Abandoned, &soft), Some(Ending::Dead(_))));
    let own_words = Ending::of(&job(1, 3), failed(JobFailure::Fail("no".into())), &soft).unwrap();
    assert_eq!(own_words, Ending::Failed(Trouble::new("no", "fail")));
    assert!(matches!(Ending::of(&job(1, 3), Outcome::OverLimit, &soft), Some(Ending::Failed(trouble)) if trouble.class == "timeout"));
    let asked = seen(Some(StopReason::Requested));
    assert_eq!(Ending::of(&job(1, 3), Outcome::OverLimit, &asked), Some(Ending::Cancelled));
}

#[test]
fn trouble_is_cut_to_what_can_be_stored() {
    let trouble = Trouble::new(format!("a\0b{}", "x".repeat(10_000)), "fail");
    assert!(trouble.text.starts_with("abx"));
    assert_eq!(trouble.text.chars().count(), 4000);
}

proptest! {
    #[test]
    fn no_wait_is_negative_or_beyond_the_cap(attempt in i32::MIN..i32::MAX, chance in -1.0_f64..2.0, base in 0_i64..1_000_000, cap in 1_i64..10_000_000) {
        let policy = RetryPolicy { base: TimeDelta::milliseconds(base), cap: TimeDelta::milliseconds(cap) };
        let delay = policy.delay(attempt, chance);
        prop_assert!(delay >= TimeDelta::zero() && delay <= policy.cap);
    }
}
