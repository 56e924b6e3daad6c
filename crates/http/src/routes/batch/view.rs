//! Batches as clients see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commandcenter_domain::batch::BatchStatistics;
use commandcenter_domain::job::JobKind;
use commandcenter_domain::shared::{JobId, TechnologyId};
use commandcenter_domain::technology::{RowOutcome, RowResult};
use commandcenter_services::batch::Batch;
use serde::Serialize;
use utoipa::ToSchema;

/// A batch, or what one would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchView {
    /// Its job, which `/jobs/{id}` operates; null for a dry run.
    #[schema(value_type = Option<i64>)]
    job_id: Option<JobId>,
    #[schema(value_type = String, example = "batch_import")]
    job_type: JobKind,
    total_items: u64,
    completed_items: u64,
    failed_items: u64,
    /// A job's state, or `dry_run`.
    status: &'static str,
    /// Percent of the items that have ended.
    progress: u8,
    /// When the first item was begun.
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    /// What became of the items of this page, as far as they have ended; of a dry run all.
    results: Vec<RowView>,
    error: Option<String>,
    imported_count: u64,
    updated_count: u64,
    skipped_count: u64,
    failed_count: u64,
    /// Those of the results that met a technology of the same title.
    conflicts: Vec<ConflictView>,
    /// Which page of the results this is, from 1.
    page: u64,
    /// Results per page.
    page_size: u64,
    /// Whether results may follow.
    has_next: bool,
}

/// What became of an item.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowView {
    /// Its place in the request, from 0.
    index: usize,
    title: String,
    /// `imported`, `updated`, `skipped` or `failed`.
    #[schema(value_type = String)]
    outcome: RowOutcome,
    /// The technology that it made, changed or met.
    #[schema(value_type = Option<i64>)]
    technology_id: Option<TechnologyId>,
    /// Why it failed.
    error: Option<String>,
}

/// An item that met a technology of the same title.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConflictView {
    /// Its place in the request, from 0.
    index: usize,
    title: String,
    /// The technology it met.
    #[schema(value_type = Option<i64>)]
    technology_id: Option<TechnologyId>,
    /// What was made of it: `updated` or `skipped`.
    #[schema(value_type = String)]
    resolution: RowOutcome,
}

impl From<RowResult> for RowView {
    fn from(row: RowResult) -> Self {
        let RowResult { index, title, outcome, technology_id, error } = row;
        Self { index, title, outcome, technology_id, error }
    }
}

fn conflicts(rows: &[RowResult]) -> Vec<ConflictView> {
    let met = rows.iter().filter(|row| matches!(row.outcome, RowOutcome::Updated | RowOutcome::Skipped));
    let view = |row: &RowResult| ConflictView {
        index: row.index,
        title: row.title.clone(),
        technology_id: row.technology_id,
        resolution: row.outcome,
    };
    met.map(view).collect()
}

impl From<Batch> for BatchView {
    fn from(batch: Batch) -> Self {
        let total = batch.total();
        let Batch { job, tally, results, page } = batch;
        Self {
            job_id: Some(job.id),
            job_type: job.kind,
            total_items: total,
            completed_items: tally.completed(),
            failed_items: tally.failed,
            status: job.status.as_str(),
            progress: tally.progress(total),
            started_at: tally.started_at,
            completed_at: job.completed_at,
            conflicts: conflicts(&results),
            results: results.into_iter().map(RowView::from).collect(),
            error: job.error,
            imported_count: tally.imported,
            updated_count: tally.updated,
            skipped_count: tally.skipped,
            failed_count: tally.failed,
            page: page.page(),
            page_size: page.limit(),
            has_next: page.offset() + page.limit() < total,
        }
    }
}

impl BatchView {
    /// What an import would do.
    pub(super) fn preview(rows: Vec<RowResult>) -> Self {
        let number = |outcome| rows.iter().filter(|row| row.outcome == outcome).count() as u64;
        Self {
            job_id: None,
            job_type: JobKind::BatchImport,
            total_items: rows.len() as u64,
            completed_items: 0,
            failed_items: 0,
            status: "dry_run",
            progress: 0,
            started_at: None,
            completed_at: None,
            conflicts: conflicts(&rows),
            error: None,
            imported_count: number(RowOutcome::Imported),
            updated_count: number(RowOutcome::Updated),
            skipped_count: number(RowOutcome::Skipped),
            failed_count: 0,
            page: 1,
            page_size: rows.len() as u64,
            has_next: false,
            results: rows.into_iter().map(RowView::from).collect(),
        }
    }
}

/// How the project's batches stand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchStatisticsView {
    total_batches: u64,
    /// Batches that wait or run.
    active_batches: u64,
    /// Batches by `job_type`.
    by_type: BTreeMap<&'static str, u64>,
    /// Batches by state, with every state.
    by_status: BTreeMap<&'static str, u64>,
    /// Mean seconds from the request to the end of completed batches; null when none has.
    average_duration_seconds: Option<f64>,
    /// Percent of the batches that ended by themselves which completed; null when none has.
    success_rate: Option<f64>,
}

impl From<BatchStatistics> for BatchStatisticsView {
    fn from(statistics: BatchStatistics) -> Self {
        let BatchStatistics { total, active, by_type, by_status, average_duration_seconds, success_rate } = statistics;
        Self {
            total_batches: total,
            active_batches: active,
            by_type: by_type.into_iter().map(|(kind, count)| (kind.as_str(), count)).collect(),
            by_status: by_status.into_iter().map(|(status, count)| (status.as_str(), count)).collect(),
            average_duration_seconds,
            success_rate,
        }
    }
}
