//! A part of an import: what one child is given, and what it answers.

use commandcenter_domain::job::{Job, JobStatus};
use commandcenter_domain::technology::{ImportRow, MergeStrategy, RowOutcome, RowResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows of a part. A part is written in one transaction, so it is short.
pub(super) const PART: u64 = 100;

/// Parameters of an `import_rows` job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// Place of its first row in the request.
    pub(super) first: usize,
    /// What becomes of what is there.
    pub(super) merge_strategy: MergeStrategy,
    /// Its rows, as they were given.
    pub(super) rows: Vec<Value>,
}

/// Result of an `import_rows` job.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Written {
    imported: i32,
    updated: i32,
    skipped: i32,
    rows: Vec<RowResult>,
}

impl Part {
    /// Rows cut into parts.
    pub(super) fn split(rows: Vec<ImportRow>, merge_strategy: MergeStrategy) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for (index, row) in rows.into_iter().enumerate() {
            match parts.last_mut().filter(|part| (part.rows.len() as u64) < PART) {
                Some(part) => part.rows.push(row.into_named()),
                None => parts.push(Self { first: index, merge_strategy, rows: vec![row.into_named()] }),
            }
        }
        parts
    }
}

impl Written {
    /// Notes what became of a row.
    pub(super) fn push(&mut self, row: RowResult) {
        match row.outcome {
            RowOutcome::Imported => self.imported += 1,
            RowOutcome::Updated => self.updated += 1,
            RowOutcome::Skipped => self.skipped += 1,
            RowOutcome::Failed => {}
        }
        self.rows.push(row);
    }

    /// For the job's log.
    pub(super) fn told(&self) -> String {
        format!("{} imported, {} updated, {} skipped", self.imported, self.updated, self.skipped)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> i32 {
        i32::try_from(self.rows.len()).unwrap_or(i32::MAX)
    }
}

/// What became of a part's rows; nothing of one that has not ended.
pub(super) fn results(job: &Job) -> Vec<RowResult> {
    match job.status {
        JobStatus::Completed => {
            let result = job.result.clone().unwrap_or_default();
            serde_json::from_value::<Written>(result).map(|written| written.rows).unwrap_or_default()
        }
        JobStatus::Failed | JobStatus::Dead | JobStatus::Cancelled => failed(job),
        JobStatus::Pending | JobStatus::Running | JobStatus::Retrying => Vec::new(),
    }
}

/// A part is written wholly or not at all: when it fails, all its rows do, for its reason.
fn failed(job: &Job) -> Vec<RowResult> {
    let first = job.parameters["first"].as_u64().and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    let rows = job.parameters["rows"].as_array().map_or(&[][..], Vec::as_slice);
    let error = if job.status == JobStatus::Cancelled { "cancelled" } else { job.error.as_deref().unwrap_or("failed") };
    let result = |(place, row): (usize, &Value)| RowResult {
        index: first + place,
        title: row["title"].as_str().unwrap_or_default().trim().to_owned(),
        outcome: RowOutcome::Failed,
        technology_id: None,
        error: Some(error.to_owned()),
    };
    rows.iter().enumerate().map(result).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_cut_into_parts_that_remember_their_place() {
        let rows = (0..250).map(|n| ImportRow::parse(json!({ "title": format!("t{n}") })).unwrap()).collect();
        let parts = Part::split(rows, MergeStrategy::Merge);
        let shape: Vec<_> = parts.iter().map(|part| (part.first, part.rows.len())).collect();
        assert_eq!(shape, [(0, 100), (100, 100), (200, 50)]);
        assert_eq!(parts[2].rows[49], json!({ "title": "t249" }));
        assert!(Part::split(Vec::new(), MergeStrategy::Skip).is_empty());
    }
}
