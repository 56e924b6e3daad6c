//! What is shown of sources.

use chrono::{DateTime, Utc};
use commandcenter_domain::Page;
use commandcenter_domain::shared::{DocumentId, JobId, ScheduleId, SourceId, SourceRunId};
use commandcenter_domain::source::{Counters, ItemError, ItemState, RunStatus, Source, SourceItem, SourceKind, SourceRun, SourceStatus};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::view::PageView;

/// A source of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceView {
    #[schema(value_type = i64)]
    pub(super) id: SourceId,
    name: String,
    /// `rss`, `documentation`, `webhook`, `file_watcher`, `hacker_news` or `github`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "documentation")]
    kind: SourceKind,
    url: Option<String>,
    path: Option<String>,
    /// The cron expression of its schedule.
    schedule: Option<String>,
    /// The schedule itself.
    #[schema(value_type = Option<i64>)]
    schedule_id: Option<ScheduleId>,
    next_run_at: Option<DateTime<Utc>>,
    priority: i32,
    enabled: bool,
    /// Every setting, defaults included.
    #[schema(value_type = Object)]
    config: Value,
    /// Whether a secret for pushes is stored.
    has_secret: bool,
    /// `pending`, `running`, `success`, `error` or `disabled`.
    #[schema(value_type = String, example = "success")]
    status: SourceStatus,
    last_run: Option<DateTime<Utc>>,
    last_success: Option<DateTime<Utc>>,
    /// Why the last run did not reach its end.
    last_error: Option<String>,
    /// Its documents in the knowledge base.
    documents_ingested: u64,
    /// Its items that could not be read when last tried.
    error_count: u64,
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        let config = source.place.config(&source.filing);
        let Source { id, name, place, filing: _, priority, is_enabled, has_secret, schedule, cron, next_run_at, status, .. } = source;
        let Source { last_run_at, last_success_at, last_error, documents, failing, validators: _, version, created_at, updated_at, .. } =
            source;
        Self {
            id,
            name,
            kind: place.kind(),
            url: place.url().map(str::to_owned),
            path: place.path().map(str::to_owned),
            schedule: cron,
            schedule_id: schedule,
            next_run_at,
            priority,
            enabled: is_enabled,
            config,
            has_secret,
            status,
            last_run: last_run_at,
            last_success: last_success_at,
            last_error,
            documents_ingested: documents,
            error_count: failing,
            version,
            created_at,
            updated_at,
        }
    }
}

/// A run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunAcceptedView {
    /// The job; while one is pending or running, that one.
    #[schema(value_type = i64)]
    pub(super) job_id: JobId,
    #[schema(value_type = i64)]
    pub(super) source_id: SourceId,
    pub(super) source_name: String,
}

/// A run of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceRunView {
    #[schema(value_type = i64)]
    id: SourceRunId,
    #[schema(value_type = i64)]
    source_id: SourceId,
    #[schema(value_type = i64)]
    job_id: JobId,
    /// `running`, `completed`, `failed` or `cancelled`.
    #[schema(value_type = String, example = "completed")]
    status: RunStatus,
    /// New documents.
    added: i32,
    /// Documents with new content.
    updated: i32,
    /// Items that are as they were.
    unchanged: i32,
    /// Items that are no longer there.
    gone: i32,
    /// Items that could not be read.
    failed: i32,
    /// Items that were left out.
    skipped: i32,
    /// Why the run did not reach its end.
    error: Option<String>,
    /// Limits that were reached, and what was left out.
    notes: Vec<String>,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<SourceRun> for SourceRunView {
    fn from(run: SourceRun) -> Self {
        let SourceRun { id, source, job, status, counters, error, notes, started_at, finished_at } = run;
        let Counters { added, updated, unchanged, gone, failed, skipped } = counters;
        Self {
            id,
            source_id: source,
            job_id: job,
            status,
            added,
            updated,
            unchanged,
            gone,
            failed,
            skipped,
            error,
            notes,
            started_at,
            finished_at,
        }
    }
}

/// What a run could not read, or left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ItemErrorView {
    /// The item: its URL, or its path in the folder.
    item: String,
    reason: String,
    at: DateTime<Utc>,
}

impl From<ItemError> for ItemErrorView {
    fn from(error: ItemError) -> Self {
        let ItemError { key, reason, at } = error;
        Self { item: key, reason, at }
    }
}

/// A run with a page of what it could not read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceRunDetailView {
    #[serde(flatten)]
    run: SourceRunView,
    errors: PageView<ItemErrorView>,
}

impl From<(SourceRun, Page<ItemError>)> for SourceRunDetailView {
    fn from((run, errors): (SourceRun, Page<ItemError>)) -> Self {
        Self { run: run.into(), errors: errors.into() }
    }
}

/// An item of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceItemView {
    /// Its canonical URL, or its path in the folder.
    item: String,
    /// `found`, `seen`, `duplicate`, `gone`, `failed` or `skipped`.
    #[schema(value_type = String, example = "seen")]
    state: ItemState,
    /// Why it is in that state, where that needs a reason.
    reason: Option<String>,
    /// Links from the first page.
    depth: i32,
    /// SHA-256 of the content that was last read.
    content_hash: Option<String>,
    #[schema(value_type = Option<i64>)]
    document_id: Option<DocumentId>,
    first_seen_at: DateTime<Utc>,
    last_seen_at: Option<DateTime<Utc>>,
}

impl From<SourceItem> for SourceItemView {
    fn from(item: SourceItem) -> Self {
        let SourceItem { id: _, key, state, reason, depth, content_hash, validators: _, document, settled_by: _, .. } = item;
        let SourceItem { first_seen_at, last_seen_at, .. } = item;
        Self { item: key, state, reason, depth, content_hash, document_id: document, first_seen_at, last_seen_at }
    }
}

/// A push that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PushedView {
    /// `accepted`.
    pub(super) status: &'static str,
    /// The document that it becomes.
    #[schema(value_type = i64)]
    pub(super) document_id: DocumentId,
    /// The job that reads it.
    #[schema(value_type = i64)]
    pub(super) job_id: JobId,
}
