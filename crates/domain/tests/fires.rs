//! Next fire times against an independent implementation: `data/make_fires.py` says where the expectations come from.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;

use chrono::DateTime;
use commandcenter_domain::Patch;
use commandcenter_domain::schedule::{RuleInput, Timing, TimingInput};
use commandcenter_domain::shared::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Zone {
    /// Moments, each as the difference to the one before.
    probes: Vec<i64>,
    /// By rule: seconds from each moment to the next fire.
    fires: BTreeMap<String, Vec<i64>>,
}

fn set(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

/// The timing that a rule's words describe: a frequency, then what it needs.
fn timing(rule: &str, zone: &str) -> Timing {
    let (frequency, rest) = rule.split_once(' ').unwrap();
    let words: Vec<&str> = rest.split(' ').collect();
    let mut input = RuleInput { frequency: set(frequency), ..Default::default() };
    match frequency {
        "hourly" => input.minute = Patch::Set(rest.parse().unwrap()),
        "daily" => input.time_of_day = set(rest),
        "weekly" => (input.weekday, input.time_of_day) = (set(words[0]), set(words[1])),
        "monthly" => (input.day_of_month, input.time_of_day) = (Patch::Set(words[0].parse().unwrap()), set(words[1])),
        _ => input.cron_expression = set(rest),
    }
    TimingInput { rule: input, timezone: set(zone), ..Default::default() }.alone().unwrap()
}

fn moment(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn every_next_fire_is_that_of_an_independent_implementation() {
    let zones: BTreeMap<String, Zone> = serde_json::from_str(include_str!("data/fires.json")).unwrap();
    assert_eq!(zones.len(), 20);
    let (mut checked, mut wrong) = (0, Vec::new());
    for (name, Zone { probes, fires }) in zones {
        for (rule, waits) in fires {
            let timing = timing(&rule, &name);
            let mut probe = 0;
            for (step, wait) in probes.iter().zip(&waits) {
                probe += step;
                let (after, expected) = (moment(probe), moment(probe + wait));
                let found = timing.next_after(after, after).unwrap();
                checked += 1;
                if found != expected {
                    wrong.push(format!("{name}, {rule}: after {after} came {found}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(checked > 20_000, "{checked}");
}
