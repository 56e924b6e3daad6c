//! Figures over a project's schedules.

use super::Frequency;

/// The schedules of one frequency and state, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The frequency.
    pub frequency: Frequency,
    /// Whether they are enabled.
    pub enabled: bool,
    /// How many.
    pub schedules: u64,
    /// Their runs.
    pub runs: u64,
    /// Those that completed.
    pub successes: u64,
    /// Those that failed.
    pub failures: u64,
}

/// The figures.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleStatistics {
    /// All schedules.
    pub total: u64,
    /// Those that fire.
    pub enabled: u64,
    /// Jobs made.
    pub runs: u64,
    /// Those that completed.
    pub successes: u64,
    /// Those that failed.
    pub failures: u64,
    /// Schedules of each frequency.
    pub by_frequency: Vec<(Frequency, u64)>,
}

impl ScheduleStatistics {
    /// Adds tallies up.
    #[must_use]
    pub fn of(tallies: &[Tally]) -> Self {
        let sum = |value: fn(&Tally) -> u64| tallies.iter().map(value).sum();
        let of = |frequency| tallies.iter().filter(|tally| tally.frequency == frequency).map(|tally| tally.schedules).sum();
        Self {
            total: sum(|tally| tally.schedules),
            enabled: tallies.iter().filter(|tally| tally.enabled).map(|tally| tally.schedules).sum(),
            runs: sum(|tally| tally.runs),
            successes: sum(|tally| tally.successes),
            failures: sum(|tally| tally.failures),
            by_frequency: Frequency::ALL.iter().map(|frequency| (*frequency, of(*frequency))).collect(),
        }
    }

    /// Percent of the ended runs that completed; 0 before the first.
    #[must_use]
    pub fn success_rate(&self) -> f64 {
        let ended = self.successes + self.failures;
        if ended == 0 { 0.0 } else { self.successes as f64 * 100.0 / ended as f64 }
    }
}
