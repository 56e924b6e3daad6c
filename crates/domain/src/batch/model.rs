//! What batches come to.

use std::collections::BTreeMap;

use crate::job::{JobKind, JobStatus};
use crate::shared::Timestamp;

/// What the items of a batch came to so far. Always added up from the children: they keep it whatever becomes of the batch's own job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Items that made something new.
    pub imported: u64,
    /// Items that changed what was there.
    pub updated: u64,
    /// Items that met something and left it as it is.
    pub skipped: u64,
    /// Items of children that ended without completing.
    pub failed: u64,
    /// How often children were begun: goes up with every round.
    pub begun: u64,
    /// When the first child began.
    pub started_at: Option<Timestamp>,
}

impl Tally {
    /// Items that were dealt with as asked.
    #[must_use]
    pub const fn completed(&self) -> u64 {
        self.imported + self.updated + self.skipped
    }

    /// Percent of `total` that has ended, whether well or not.
    #[must_use]
    pub fn progress(&self, total: u64) -> u8 {
        let ended = (self.completed() + self.failed).min(total);
        u8::try_from((ended * 100).checked_div(total).unwrap_or(0)).unwrap_or(100)
    }
}

/// Batches of one kind and state, counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchCount {
    /// The kind.
    pub kind: JobKind,
    /// The state.
    pub status: JobStatus,
    /// How many.
    pub count: u64,
    /// Mean seconds from the request to the end, for those that have ended.
    pub mean_seconds: Option<f64>,
}

/// How the batches of a project stand.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchStatistics {
    /// All batches.
    pub total: u64,
    /// Batches that have not ended.
    pub active: u64,
    /// Batches by kind.
    pub by_type: BTreeMap<JobKind, u64>,
    /// Batches by state, with every state.
    pub by_status: BTreeMap<JobStatus, u64>,
    /// Mean seconds from the request to the end of completed batches.
    pub average_duration_seconds: Option<f64>,
    /// Percent of the batches that ended by themselves which completed; `None` when none has.
    pub success_rate: Option<f64>,
}

impl BatchStatistics {
    /// From the counts by kind and state.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of batches, shown as a percentage")]
    pub fn of(counts: &[BatchCount]) -> Self {
        let mut by_status: BTreeMap<_, _> = JobStatus::ALL.iter().map(|status| (*status, 0)).collect();
        let mut by_type = BTreeMap::new();
        for one in counts {
            *by_status.entry(one.status).or_default() += one.count;
            *by_type.entry(one.kind).or_default() += one.count;
        }
        let number = |status: JobStatus| by_status.get(&status).copied().unwrap_or(0);
        let completed = number(JobStatus::Completed);
        let tried = completed + number(JobStatus::Failed) + number(JobStatus::Dead);
        let spent = counts.iter().filter(|one| one.status == JobStatus::Completed);
        let seconds: f64 = spent.filter_map(|one| one.mean_seconds.map(|mean| mean * one.count as f64)).sum();
        Self {
            total: by_status.values().sum(),
            active: by_status.iter().filter(|(status, _)| !status.is_terminal()).map(|(_, count)| count).sum(),
            average_duration_seconds: (completed > 0).then(|| (seconds / completed as f64 * 1000.0).round() / 1000.0),
            success_rate: (tried > 0).then(|| (completed as f64 * 10_000.0 / tried as f64).round() / 100.0),
            by_type,
            by_status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_counts_what_has_ended_and_never_more_than_all() {
        let tally = Tally { imported: 100, skipped: 50, failed: 25, ..Tally::default() };
        assert_eq!((tally.completed(), tally.progress(250), tally.progress(100), tally.progress(0)), (150, 70, 100, 0));
    }

    #[test]
    fn cancelled_batches_count_neither_as_success_nor_as_failure() {
        let count = |status, count| BatchCount { kind: JobKind::BatchImport, status, count, mean_seconds: Some(2.0) };
        let counts =
            [count(JobStatus::Completed, 2), count(JobStatus::Failed, 1), count(JobStatus::Cancelled, 4), count(JobStatus::Pending, 3)];
        let found = BatchStatistics::of(&counts);
        assert_eq!((found.total, found.active, found.by_type[&JobKind::BatchImport]), (10, 3, 10));
        assert_eq!((found.success_rate, found.average_duration_seconds), (Some(66.67), Some(2.0)));
        assert_eq!(BatchStatistics::of(&[]).success_rate, None);
    }
}
