//! How far documents can be relied on: judged anew every day, and whenever one was asked for where it came from.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::Evidence;
use commandcenter_domain::shared::{DocumentId, Timestamp};
use commandcenter_domain::{Clock, Store, StoreError};
use serde_json::json;

/// How long a judgement holds. A little less than a day, so that a pass an hour judges every document once a day.
const HOLDS: TimeDelta = TimeDelta::hours(23);
/// Documents that are looked at together.
const CHUNK: u64 = 200;

/// Judges documents.
pub struct StalenessKeeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for StalenessKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StalenessKeeper")
    }
}

impl StalenessKeeper {
    /// A keeper over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Judges the documents of all projects whose judgement is too old. Awaits `rest` after every chunk, so that those who wait to write get
    /// their turn. Answers how many it judged.
    ///
    /// # Errors
    /// When storage fails; what was judged before stays so.
    pub async fn sweep(&self, rest: impl AsyncFn()) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut judged = 0;
        loop {
            let due = self.store.repos().knowledge().due_for_judgement(now - HOLDS, CHUNK).await?;
            if due.is_empty() {
                return Ok(judged);
            }
            for evidence in &due {
                let scope = ProjectScope::of_document(evidence.project, evidence.document);
                settle(&*self.store, &scope, (evidence, now)).await?;
                judged += 1;
            }
            rest().await;
        }
    }
}

/// Judges a document now.
pub(super) async fn judge(store: &dyn Store, scope: &ProjectScope, (id, now): (DocumentId, Timestamp)) -> Result<(), StoreError> {
    match store.repos().knowledge().evidence(scope, id).await? {
        Some(evidence) => settle(store, scope, (&evidence, now)).await,
        None => Ok(()),
    }
}

/// Writes the judgement, and says so when the document has turned stale: both or neither.
async fn settle(store: &dyn Store, scope: &ProjectScope, (evidence, now): (&Evidence, Timestamp)) -> Result<(), StoreError> {
    let staleness = evidence.judge(now);
    let tx = store.begin().await?;
    tx.knowledge().set_staleness(scope, evidence.document, (&staleness, now)).await?;
    if staleness.is_stale() && !evidence.was_stale {
        let reasons: Vec<_> = staleness.signs.iter().map(|sign| sign.code).collect();
        let data = json!({ "document_id": evidence.document, "title": evidence.title, "staleness": staleness.score, "reasons": reasons });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_stale.v1", data, at: now }).await?;
    }
    tx.commit().await
}
