//! Research tasks and the files attached to them.

mod documents;
mod tasks;

use std::sync::Arc;

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{FileKey, FileStore, ResearchError, Task};
use commandcenter_domain::shared::{Precondition, TaskId, Timestamp};
use commandcenter_domain::{Clock, Store, StoreError, Tx};
use serde_json::{Value, json};

pub use documents::Receiving;
pub use tasks::Move;

use crate::journal::{self, Entry};

/// Use cases of research tasks.
pub struct ResearchService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    files: Arc<dyn FileStore>,
}

impl ResearchService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, files: Arc<dyn FileStore>) -> Self {
        Self { store, clock, files }
    }
}

/// Removes files whose rows are gone. One that cannot be removed now is swept up later, so failure is only logged.
pub(crate) async fn remove_files(files: &dyn FileStore, keys: &[FileKey]) {
    for key in keys {
        if let Err(err) = files.remove(key).await {
            tracing::warn!(key = key.as_str(), error = &err as &dyn std::error::Error, "a file stays behind");
        }
    }
}

/// The task, kept still until the transaction ends, if the caller's condition holds.
async fn found(tx: &dyn Tx, scope: &ProjectScope, id: TaskId, condition: &Precondition) -> Result<Task, ResearchError> {
    let task = tx.tasks().find_for_update(scope, id).await?.ok_or(ResearchError::NotFound(id))?;
    if condition.holds(task.version) { Ok(task) } else { Err(ResearchError::Stale { current: task.version }) }
}

/// What happened to a task.
enum Change<'a> {
    Created(&'a Task),
    Updated(&'a Task, &'a Task),
    Deleted(&'a Task),
    Attached(&'a str),
    Detached(&'a str),
}

impl Change<'_> {
    fn told(&self) -> (&'static str, &'static str, Value) {
        let summary = |task: &Task| {
            let (status, progress) = (task.state.status(), task.state.progress());
            json!({ "title": task.brief.title, "status": status, "progress_percentage": progress, "version": task.version })
        };
        match self {
            Self::Created(task) => ("research_task.created", "cc.research_task.created.v1", summary(task)),
            Self::Updated(before, after) => {
                let mut detail = summary(after);
                detail["previous_status"] = json!(before.state.status());
                ("research_task.updated", "cc.research_task.updated.v1", detail)
            }
            Self::Deleted(task) => ("research_task.deleted", "cc.research_task.deleted.v1", summary(task)),
            Self::Attached(name) => ("research_task.document_added", "cc.research_task.document_added.v1", json!({ "filename": name })),
            Self::Detached(name) => ("research_task.document_removed", "cc.research_task.document_removed.v1", json!({ "filename": name })),
        }
    }
}

async fn record(tx: &dyn Tx, scope: &ProjectScope, (id, at): (TaskId, Timestamp), change: Change<'_>) -> Result<(), StoreError> {
    let (action, kind, detail) = change.told();
    journal::record(tx, scope, Entry { action, kind, entity: "research_task", id: id.get(), detail, at }).await
}
