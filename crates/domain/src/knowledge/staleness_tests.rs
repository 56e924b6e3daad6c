//! What holds of every score.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;

fn at(day: i64) -> Timestamp {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::days(day)
}

fn fresh() -> Evidence {
    Evidence {
        document: DocumentId::new(1),
        project: ProjectId::new(1),
        title: "Guide".to_owned(),
        confirmed_at: at(0),
        failing_since: None,
        is_gone: false,
        superseded_since: None,
        was_stale: false,
    }
}

fn codes(evidence: &Evidence, day: i64) -> (i32, Vec<StaleReason>) {
    let judged = evidence.judge(at(day));
    (judged.score, judged.signs.iter().map(|sign| sign.code).collect())
}

#[test]
fn the_formula_is_the_documented_one() {
    assert_eq!(codes(&fresh(), 180), (0, vec![]), "nothing speaks against what was confirmed within the grace");
    assert_eq!(codes(&fresh(), 180 + 365), (300, vec![StaleReason::Age]));
    assert_eq!(codes(&fresh(), 100_000).0, 600, "age alone never weighs more");
    let unreachable = Evidence { failing_since: Some(at(0)), ..fresh() };
    assert_eq!(codes(&unreachable, 0), (300, vec![StaleReason::Unreachable]));
    assert_eq!(codes(&unreachable, 7).0, 550);
    assert_eq!(codes(&unreachable, 14).0, 800);
    assert_eq!(codes(&Evidence { is_gone: true, ..unreachable.clone() }, 0), (900, vec![StaleReason::Gone]));
    let all = Evidence { superseded_since: Some(at(0)), ..unreachable };
    assert_eq!(codes(&all, 14), (900, vec![StaleReason::Unreachable, StaleReason::Superseded]), "1 - 0.2 * 0.5");
    assert!(Staleness { score: 500, signs: Vec::new() }.is_stale() && !Staleness { score: 499, signs: Vec::new() }.is_stale());
}

#[test]
fn a_clock_that_went_back_makes_nothing_old() {
    assert_eq!(codes(&fresh(), -400), (0, vec![]));
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let moment = prop::option::of(-3000..3000_i64);
    (-3000..3000_i64, moment.clone(), any::<bool>(), moment).prop_map(|(confirmed, failing, is_gone, superseded)| Evidence {
        confirmed_at: at(confirmed),
        failing_since: failing.map(at),
        is_gone,
        superseded_since: superseded.map(at),
        ..fresh()
    })
}

proptest! {
    #[test]
    fn a_score_lies_between_nothing_and_all(evidence in evidence(), day in -4000..9000_i64) {
        let judged = evidence.judge(at(day));
        prop_assert!((0..=1000).contains(&judged.score), "{judged:?}");
        prop_assert!(judged.signs.iter().all(|sign| (1..=1000).contains(&sign.weight) && sign.weight <= judged.score + 1));
        prop_assert!(judged.signs.is_sorted_by_key(|sign| std::cmp::Reverse(sign.weight)));
        prop_assert_eq!(judged.score == 0, judged.signs.is_empty());
    }

    #[test]
    fn nothing_grows_younger_by_waiting(evidence in evidence(), day in -4000..9000_i64, later in 0..2000_i64) {
        prop_assert!(evidence.judge(at(day)).score <= evidence.judge(at(day + later)).score);
    }

    #[test]
    fn a_further_sign_takes_nothing_back(evidence in evidence(), day in -4000..9000_i64, since in -3000..3000_i64) {
        let score = evidence.judge(at(day)).score;
        let superseded = Evidence { superseded_since: Some(at(since)), ..evidence.clone() };
        prop_assert!(score <= superseded.judge(at(day)).score);
        let failing = Evidence { failing_since: evidence.failing_since.or(Some(at(since))), ..evidence.clone() };
        prop_assert!(score <= failing.judge(at(day)).score);
        let gone = Evidence { is_gone: true, ..failing.clone() };
        prop_assert!(failing.judge(at(day)).score <= gone.judge(at(day)).score);
    }

    #[test]
    fn being_confirmed_again_never_hurts(evidence in evidence(), day in -4000..9000_i64, later in 0..3000_i64) {
        let confirmed = Evidence { confirmed_at: evidence.confirmed_at + TimeDelta::days(later), ..evidence.clone() };
        prop_assert!(confirmed.judge(at(day)).score <= evidence.judge(at(day)).score);
    }
}
