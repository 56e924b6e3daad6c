//! The job of the batch itself: begun when all its children have ended.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::batch::Tally;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::job::{EffectState, Items, JobFailure, JobHandler, JobKind, JobRun, JobStatus};
use commandcenter_domain::technology::MergeStrategy;
use commandcenter_domain::{Clock, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Parameters of a `batch_import` job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    /// What becomes of what is there.
    pub(super) merge_strategy: MergeStrategy,
    /// Whether the end is told of by an event of its own.
    pub(super) notify_on_complete: bool,
}

/// Adds up what the parts came to, and tells of it when asked.
pub struct SummaryHandler {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for SummaryHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SummaryHandler")
    }
}

#[async_trait]
impl JobHandler for SummaryHandler {
    fn kind(&self) -> JobKind {
        JobKind::BatchImport
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let unreadable = |_| JobFailure::Fail("the batch cannot be read".to_owned());
        let summary: Summary = serde_json::from_value(parameters.clone()).map_err(unreadable)?;
        let tally = self.store.repos().batches().tally(run.scope(), run.id()).await.map_err(|err| JobFailure::of(&err))?;
        let total = run.items().total;
        let number = |n: u64| i32::try_from(n).unwrap_or(i32::MAX);
        run.count(Items { done: number(tally.completed()), failed: number(tally.failed), total });
        let counts = counts(&tally, total);
        if summary.notify_on_complete {
            self.tell(run, &tally, &counts).await?;
        }
        if tally.failed > 0 {
            let all = total.unwrap_or_else(|| number(tally.completed() + tally.failed));
            return Err(JobFailure::Fail(format!("{} of {all} rows failed", tally.failed)));
        }
        Ok(counts)
    }
}

impl SummaryHandler {
    /// A handler over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Publishes the end once for each round of the batch, however often this runs.
    async fn tell(&self, run: &dyn JobRun, tally: &Tally, counts: &Value) -> Result<(), JobFailure> {
        let name = format!("told-{}", tally.begun);
        if matches!(run.open_effect(&name).await?.state, EffectState::Done(_)) {
            return Ok(());
        }
        let at = self.clock.now();
        let status = if tally.failed == 0 { JobStatus::Completed } else { JobStatus::Failed };
        let mut data = counts.clone();
        data["job_id"] = json!(run.id());
        data["job_type"] = json!(self.kind());
        data["status"] = json!(status);
        let tx = self.store.begin().await.map_err(|err| JobFailure::of(&err))?;
        let published = tx.outbox().publish(run.scope(), NewEvent { kind: "cc.batch.completed.v1", data, at }).await;
        published.map_err(|err| JobFailure::of(&err))?;
        run.close_effect_in(tx.job_effects(), &name, &Value::Null).await?;
        tx.commit().await.map_err(|err| JobFailure::of(&err))?;
        Ok(())
    }
}

fn counts(tally: &Tally, total: Option<i32>) -> Value {
    json!({
        "total_items": total,
        "completed_items": tally.completed(),
        "failed_items": tally.failed,
        "imported_count": tally.imported,
        "updated_count": tally.updated,
        "skipped_count": tally.skipped,
        "failed_count": tally.failed,
    })
}
