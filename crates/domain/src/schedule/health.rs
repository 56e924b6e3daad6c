//! Which schedules need somebody's attention, and why.

use chrono::TimeDelta;

use crate::shared::{ScheduleId, Timestamp};
use crate::text_enum;

use super::{DisabledReason, Frequency, Schedule};

text_enum! {
    /// How much a finding matters.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Worth a look.
        Warning = "warning",
        /// Broken.
        Critical = "critical",
    }
}

/// Failures in a row from which a schedule counts as broken.
const BROKEN_AFTER: i64 = 3;
/// Ended runs from which a success rate says something.
const RUNS_THAT_TELL: i64 = 10;
/// The success rate, in percent, below which a schedule is worth a look.
const LOW_RATE: f64 = 50.0;
/// A schedule is not stale before this, however often it ought to run.
const SHORTEST_STALENESS: TimeDelta = TimeDelta::days(7);
/// How late a fire may be before somebody ought to see whether a worker runs.
const OVERDUE: TimeDelta = TimeDelta::minutes(5);
/// Fires ahead that a schedule's period is taken from: enough to see a weekend.
const FIRES_AHEAD: usize = 8;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthIssue {
    /// About which schedule.
    pub schedule: ScheduleId,
    /// Its name.
    pub name: String,
    /// How much it matters.
    pub severity: Severity,
    /// Machine-readable.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

/// All findings, the worst first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// How many schedules were looked at.
    pub schedules: usize,
    /// What was found.
    pub issues: Vec<HealthIssue>,
}

impl HealthReport {
    /// Looks at schedules.
    #[must_use]
    pub fn of(schedules: &[Schedule], now: Timestamp) -> Self {
        let mut issues: Vec<_> = schedules.iter().flat_map(|schedule| schedule.issues(now)).collect();
        issues.sort_by_key(|issue| (std::cmp::Reverse(issue.severity), issue.schedule));
        Self { schedules: schedules.len(), issues }
    }

    /// The worst finding.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.issues.first().map(|issue| issue.severity)
    }
}

impl Schedule {
    fn issues(&self, now: Timestamp) -> Vec<HealthIssue> {
        let issue = |(severity, code, message): (Severity, &'static str, String)| HealthIssue {
            schedule: self.id,
            name: self.plan.name.clone(),
            severity,
            code,
            message,
        };
        [self.broken(), self.low_rate(), self.overdue(now), self.stale(now)].into_iter().flatten().map(issue).collect()
    }

    /// Broken: disabled by its failures, failing since its last success, or without one after several tries.
    fn broken(&self) -> Option<(Severity, &'static str, String)> {
        let counters = &self.counters;
        if self.disabled_reason == Some(DisabledReason::Failures) {
            let message = format!("disabled after {} failures in a row", counters.consecutive_failures);
            return Some((Severity::Critical, "auto_disabled", message));
        }
        if counters.successes == 0 && counters.failures >= BROKEN_AFTER {
            return Some((Severity::Critical, "never_succeeded", format!("none of {} ended runs completed", counters.failures)));
        }
        let failing = i64::from(counters.consecutive_failures) >= BROKEN_AFTER;
        failing.then(|| (Severity::Critical, "failing", format!("the last {} runs failed", counters.consecutive_failures)))
    }

    fn low_rate(&self) -> Option<(Severity, &'static str, String)> {
        let counters = &self.counters;
        let rate = counters.success_rate().filter(|rate| *rate < LOW_RATE)?;
        let ended = counters.successes + counters.failures;
        (ended > RUNS_THAT_TELL).then(|| (Severity::Warning, "low_success_rate", format!("{rate:.0} % of {ended} ended runs completed")))
    }

    fn overdue(&self, now: Timestamp) -> Option<(Severity, &'static str, String)> {
        let late = now - self.next_run_at?;
        (late > OVERDUE).then(|| (Severity::Warning, "overdue", format!("due for {} minutes: does a worker run?", late.num_minutes())))
    }

    /// Stale: it did not run for twice the longest time between its next fires, and never within a week.
    fn stale(&self, now: Timestamp) -> Option<(Severity, &'static str, String)> {
        if !self.is_active(now) || self.plan.timing.rule.frequency() == Frequency::Once {
            return None;
        }
        let began = self.plan.timing.window.start.map_or(self.created_at, |start| start.max(self.created_at));
        let last = self.counters.last_run_at.unwrap_or(began).max(self.updated_at);
        let fires = self.plan.timing.next_fires(now, self.created_at, FIRES_AHEAD);
        let period = fires.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(SHORTEST_STALENESS);
        let silent = now - last;
        (silent > (period * 2).max(SHORTEST_STALENESS)).then(|| (Severity::Info, "stale", format!("no run for {} days", silent.num_days())))
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
