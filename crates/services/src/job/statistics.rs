//! How the jobs of a project stand.

use std::collections::BTreeMap;

use commandcenter_domain::job::{JobStatus, StatusCount, Times, Window};

/// How the jobs of a project stand.
#[derive(Debug, Clone, PartialEq)]
pub struct JobStatistics {
    /// All jobs.
    pub total: u64,
    /// Jobs by state, with every state.
    pub by_status: BTreeMap<JobStatus, u64>,
    /// Percent of the jobs that ended by themselves which completed; `None` when none has ended.
    pub success_rate: Option<f64>,
    /// Mean seconds from start to end of completed jobs.
    pub average_duration_seconds: Option<f64>,
    /// Jobs that have not ended.
    pub active_jobs: u64,
    /// The window they were made in; `None` for all.
    pub window: Option<Window>,
    /// How long those that ended within the window waited and ran.
    pub times: Option<Times>,
}

impl JobStatistics {
    /// From the counts by state.
    pub(super) fn of(counts: &[StatusCount]) -> Self {
        let mut by_status: BTreeMap<_, _> = JobStatus::ALL.iter().map(|status| (*status, 0)).collect();
        by_status.extend(counts.iter().map(|count| (count.status, count.count)));
        let number = |status| by_status.get(&status).copied().unwrap_or(0);
        let completed = number(JobStatus::Completed);
        let tried = completed + number(JobStatus::Failed) + number(JobStatus::Dead);
        let average = counts.iter().find(|count| count.status == JobStatus::Completed).and_then(|count| count.mean_seconds);
        Self {
            total: by_status.values().sum(),
            success_rate: percent(completed, tried),
            average_duration_seconds: average.map(|seconds| (seconds * 1000.0).round() / 1000.0),
            active_jobs: by_status.iter().filter(|(status, _)| !status.is_terminal()).map(|(_, count)| count).sum(),
            by_status,
            window: None,
            times: None,
        }
    }
}

/// To two decimals.
#[expect(clippy::cast_precision_loss, reason = "counts of jobs, shown as a percentage")]
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 10_000.0 / whole as f64).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_jobs_count_neither_as_success_nor_as_failure() {
        let count = |status, count| StatusCount { status, count, mean_seconds: Some(1.5) };
        let statistics = JobStatistics::of(&[
            count(JobStatus::Completed, 2),
            count(JobStatus::Dead, 1),
            count(JobStatus::Cancelled, 9),
            count(JobStatus::Retrying, 4),
        ]);
        assert_eq!((statistics.total, statistics.active_jobs), (16, 4));
        assert_eq!((statistics.success_rate, statistics.average_duration_seconds), (Some(66.67), Some(1.5)));
        assert_eq!(statistics.by_status.len(), JobStatus::ALL.len());
        assert_eq!(JobStatistics::of(&[]).success_rate, None);
    }
}
