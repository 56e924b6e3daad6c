//! Batches: work on many things at once. A batch is a job whose children do the work, each a part of it.

mod import;
mod part;
mod preview;
mod summary;

use std::sync::Arc;

use commandcenter_domain::batch::{BatchError, BatchStatistics, Tally};
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobKind, NewJob};
use commandcenter_domain::shared::{Checker, JobId, Timestamp};
use commandcenter_domain::technology::{ImportRow, MergeStrategy, RowResult};
use commandcenter_domain::{Clock, PageRequest, Store};
use serde_json::{Map, Value, json};

use crate::job::storable;
use crate::journal::{self, Entry};
pub use import::ImportHandler;
use part::{PART, Part, results};
use summary::Summary;
pub use summary::SummaryHandler;

/// Use cases of batches.
pub struct BatchService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    signals: Arc<dyn SignalBus>,
}

impl std::fmt::Debug for BatchService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchService")
    }
}

/// Whether the end of a batch is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// By an event of its own.
    OnComplete,
    /// Only as of any job.
    Never,
}

/// What a client asks for, unchecked.
#[derive(Debug, Clone)]
pub struct ImportInput {
    /// The rows, objects of a technology's fields.
    pub technologies: Vec<Value>,
    /// `skip`, `overwrite` or `merge`.
    pub merge_strategy: Option<String>,
    /// Free labels.
    pub tags: Map<String, Value>,
    /// Whether to tell of the end.
    pub notify: Notify,
}

/// An import that may be made. **Invariant:** every row breaks no rule and no title comes twice.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    rows: Vec<ImportRow>,
    strategy: MergeStrategy,
    tags: Value,
    notify: Notify,
}

impl ImportRequest {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`BatchError::Invalid`] with the broken rules of every row.
    pub fn parse(input: ImportInput) -> Result<Self, BatchError> {
        let ImportInput { technologies, merge_strategy, tags, notify } = input;
        let (mut check, tags) = (Checker::new(), Value::Object(tags));
        let given = merge_strategy.as_deref().map(|text| check.choice("merge_strategy", text, MergeStrategy::parse));
        storable(&mut check, "tags", &tags);
        check.finish(())?;
        let strategy = given.flatten().unwrap_or(MergeStrategy::Skip);
        Ok(Self { rows: ImportRow::parse_all(technologies)?, strategy, tags, notify })
    }
}

/// A batch as it stands.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its job.
    pub job: Job,
    /// What its items came to so far.
    pub tally: Tally,
    /// What became of the items of one page, as far as they have ended.
    pub results: Vec<RowResult>,
    /// Which page.
    pub page: PageRequest,
}

impl Batch {
    /// How many items it has.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.job.items.total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0)
    }
}

impl BatchService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, signals: Arc<dyn SignalBus>) -> Self {
        Self { store, clock, signals }
    }

    /// Whether the caller may make batches at all: asked before what they sent is looked at.
    ///
    /// # Errors
    /// [`BatchError::Access`] below member.
    pub fn require_right(&self, scope: &ProjectScope) -> Result<(), BatchError> {
        Ok(scope.require(Role::Member)?)
    }

    /// Imports technologies by jobs: the batch and its parts are made together or not at all.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn import(&self, scope: &ProjectScope, request: ImportRequest) -> Result<Batch, BatchError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let ImportRequest { rows, strategy, tags, notify } = request;
        let total = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        let parts = Part::split(rows, strategy);
        let summary = Summary { merge_strategy: strategy, notify_on_complete: notify == Notify::OnComplete };
        let open_children = i32::try_from(parts.len()).unwrap_or(i32::MAX);
        let new = NewJob { tags, open_children, items: Some(total), ..NewJob::ready(JobKind::BatchImport, json!(summary), now) };
        let tx = self.store.begin().await?;
        let job = tx.jobs().enqueue(scope, new).await?;
        tx.jobs().enqueue_all(scope, parts.iter().map(|part| child(job.id, part, now)).collect()).await?;
        let detail = json!({ "job_type": job.kind, "total_items": total, "merge_strategy": strategy });
        let (action, kind) = ("batch.created", "cc.batch.created.v1");
        journal::record(&*tx, scope, Entry { action, kind, entity: "job", id: job.id.get(), detail, at: now }).await?;
        tx.commit().await?;
        self.signals.send(Signal::JobsReady).await;
        Ok(Batch { job, tally: Tally::default(), results: Vec::new(), page: PageRequest::default() })
    }

    /// What an import would do to each row now. Nothing is written.
    pub async fn preview(&self, scope: &ProjectScope, request: &ImportRequest) -> Result<Vec<RowResult>, BatchError> {
        scope.require(Role::Member)?;
        preview::preview(self.store.repos(), scope, (&request.rows, request.strategy)).await
    }

    /// One batch, with one page of what became of its items.
    pub async fn get(&self, scope: &ProjectScope, id: JobId, page: PageRequest) -> Result<Batch, BatchError> {
        let repos = self.store.repos();
        let job = repos.jobs().find(scope, id).await?.filter(|job| job.kind.is_batch()).ok_or(BatchError::NotFound(id))?;
        let tally = repos.batches().tally(scope, id).await?;
        let (first, past) = (page.offset(), page.offset() + page.limit());
        let parts = repos.batches().parts(scope, id, (first / PART, past.div_ceil(PART) - first / PART)).await?;
        let here = |row: &RowResult| (first..past).contains(&(row.index as u64));
        let results = parts.iter().flat_map(results).filter(here).collect();
        Ok(Batch { job, tally, results, page })
    }

    /// How the project's batches stand, in one statement whatever their number.
    pub async fn statistics(&self, scope: &ProjectScope) -> Result<BatchStatistics, BatchError> {
        Ok(BatchStatistics::of(&self.store.repos().batches().count(scope).await?))
    }

    /// Refuses a kind of batch that nothing does.
    ///
    /// # Errors
    /// Always: [`BatchError::UnknownType`] to those who might have asked for it.
    pub fn refuse(&self, scope: &ProjectScope, kind: &'static str) -> Result<(), BatchError> {
        scope.require(Role::Member)?;
        Err(BatchError::UnknownType(kind))
    }
}

fn child(parent: JobId, part: &Part, now: Timestamp) -> NewJob {
    let items = i32::try_from(part.rows.len()).ok();
    NewJob { parent: Some(parent), items, ..NewJob::ready(JobKind::ImportRows, json!(part), now) }
}
