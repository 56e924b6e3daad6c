//! The job that writes a part of an import.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{EffectState, Items, JobFailure, JobHandler, JobKind, JobRun, LogLevel};
use commandcenter_domain::shared::{TechnologyId, Timestamp};
use commandcenter_domain::technology::{ImportRow, Plan, RowResult, Technology};
use commandcenter_domain::{Clock, Store, StoreError, Tx};
use serde_json::{Value, json};

use super::part::{Part, Written};
use super::preview::{by_key, keys};
use crate::technology::{Change, record};

/// The effect that stands for a written part.
const WRITTEN: &str = "written";

/// Writes parts of imports. Each in one transaction together with the note that it is written: a run that dies after that and before its
/// job has ended is followed by one that finds the note and answers what the first would have.
pub struct ImportHandler {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for ImportHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ImportHandler")
    }
}

#[async_trait]
impl JobHandler for ImportHandler {
    fn kind(&self) -> JobKind {
        JobKind::ImportRows
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let unreadable = |_| JobFailure::Fail("the rows cannot be read".to_owned());
        let result = match run.open_effect(WRITTEN).await?.state {
            EffectState::Done(result) => result,
            EffectState::New | EffectState::Unsettled => {
                let part: Part = serde_json::from_value(parameters.clone()).map_err(unreadable)?;
                self.write(run, part).await?
            }
        };
        let written: Written = serde_json::from_value(result.clone()).map_err(unreadable)?;
        run.count(Items { done: written.len(), failed: 0, total: Some(written.len()) });
        run.log(LogLevel::Info, &written.told());
        Ok(result)
    }
}

impl ImportHandler {
    /// A handler over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    async fn write(&self, run: &dyn JobRun, part: Part) -> Result<Value, JobFailure> {
        let Part { first, merge_strategy, rows } = part;
        let broken = |err| JobFailure::Fail(format!("the rows break rules: {err}"));
        let rows = rows.into_iter().map(ImportRow::parse).collect::<Result<Vec<_>, _>>().map_err(broken)?;
        let (scope, now) = (run.scope(), self.clock.now());
        let tx = self.store.begin().await.map_err(failure)?;
        let there = by_key(tx.technologies().find_titled_for_update(scope, &keys(&rows)).await.map_err(failure)?);
        let mut written = Written::default();
        for (place, row) in rows.iter().enumerate() {
            if run.is_cancelled() {
                return Err(JobFailure::Cancelled);
            }
            let met = there.get(&row.title().key());
            let plan = row.plan(merge_strategy, met).map_err(broken)?;
            let (outcome, title) = (plan.outcome(), row.title().as_str().to_owned());
            let id = apply(&*tx, scope, (plan, met), now).await.map_err(failure)?;
            written.push(RowResult { index: first + place, title, outcome, technology_id: id, error: None });
        }
        let result = json!(written);
        run.close_effect_in(tx.job_effects(), WRITTEN, &result).await?;
        tx.commit().await.map_err(failure)?;
        Ok(result)
    }
}

/// Does what a row asks for, with all that a single creation or change leaves behind. Gives the technology concerned.
async fn apply(
    tx: &dyn Tx,
    scope: &ProjectScope,
    (plan, met): (Plan, Option<&Technology>),
    now: Timestamp,
) -> Result<Option<TechnologyId>, StoreError> {
    match (plan, met) {
        (Plan::Insert(profile), _) => {
            let made = tx.technologies().insert(scope, &profile, now).await?;
            record(tx, scope, (made.id, now), Change::Created(&made)).await?;
            Ok(Some(made.id))
        }
        (Plan::Update(profile), Some(before)) => {
            let after = Technology { profile, version: before.version + 1, updated_at: now, ..before.clone() };
            tx.technologies().update(scope, &after).await?;
            record(tx, scope, (after.id, now), Change::Updated(before, &after)).await?;
            Ok(Some(after.id))
        }
        (Plan::Update(_) | Plan::Skip, met) => Ok(met.map(|met| met.id)),
    }
}

/// A title that somebody else took in the meantime is met by the next attempt.
fn failure(err: StoreError) -> JobFailure {
    match err {
        StoreError::Duplicate(_) => JobFailure::Retry("a title was taken in the meantime".to_owned()),
        other => JobFailure::of(&other),
    }
}
