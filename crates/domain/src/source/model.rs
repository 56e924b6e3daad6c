//! A source, its items and its runs.

use serde::Deserialize;
use serde_json::Value;

use crate::shared::{DocumentId, Invalid, JobId, ScheduleId, SourceId, SourceItemId, SourceRunId, Timestamp};

use super::{Filing, ItemState, Place, RunStatus, SourceStatus, Validators};

/// A source as the project sees it. Its secret is not part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// What it is called, once in a project.
    pub name: String,
    /// Where its documents are.
    pub place: Place,
    /// How they are filed.
    pub filing: Filing,
    /// 1 (last) to 10 (first): of its jobs, and of the list.
    pub priority: i32,
    /// Whether it is read.
    pub is_enabled: bool,
    /// Whether a secret is stored for pushes.
    pub has_secret: bool,
    /// The schedule that reads it.
    pub schedule: Option<ScheduleId>,
    /// The schedule's cron expression.
    pub cron: Option<String>,
    /// When it is read next.
    pub next_run_at: Option<Timestamp>,
    /// Where it stands.
    pub status: SourceStatus,
    /// When a run last began.
    pub last_run_at: Option<Timestamp>,
    /// When a run last reached its end.
    pub last_success_at: Option<Timestamp>,
    /// Why the last run did not.
    pub last_error: Option<String>,
    /// Documents of it in the knowledge base.
    pub documents: u64,
    /// Items that could not be read when last tried.
    pub failing: u64,
    /// What the last answer about the whole said of itself.
    pub validators: Validators,
    /// Goes up with every change by a person.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

/// One page, entry, file or story of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceItem {
    /// Its id.
    pub id: SourceItemId,
    /// What tells it from others of the source: its canonical URL, or its path in the folder.
    pub key: String,
    /// What is known of it.
    pub state: ItemState,
    /// Why it could not be read, or was left out.
    pub reason: Option<String>,
    /// Links from the first page.
    pub depth: i32,
    /// SHA-256 of the content that was last read, in hex.
    pub content_hash: Option<String>,
    /// What its last answer said of itself.
    pub validators: Validators,
    /// Its document.
    pub document: Option<DocumentId>,
    /// The run that last settled it.
    pub settled_by: Option<SourceRunId>,
    /// When it was found.
    pub first_seen_at: Timestamp,
    /// When it was last there.
    pub last_seen_at: Option<Timestamp>,
}

/// What a run came to, by item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// New documents.
    pub added: i32,
    /// Documents with new content.
    pub updated: i32,
    /// As they were.
    pub unchanged: i32,
    /// No longer there.
    pub gone: i32,
    /// Could not be read.
    pub failed: i32,
    /// Left out.
    pub skipped: i32,
}

impl Counters {
    /// Items that were settled, whatever came of them.
    #[must_use]
    pub const fn settled(&self) -> i32 {
        self.added + self.updated + self.unchanged + self.gone + self.failed + self.skipped
    }
}

/// One run of a source. A job that is tried again goes on with the run it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRun {
    /// Its id.
    pub id: SourceRunId,
    /// Which source.
    pub source: SourceId,
    /// The job.
    pub job: JobId,
    /// How it stands.
    pub status: RunStatus,
    /// What it came to so far.
    pub counters: Counters,
    /// Why it did not reach its end.
    pub error: Option<String>,
    /// What a person should know besides: limits that were reached, what was left out.
    pub notes: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// An item that a run could not read or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemError {
    /// Which item.
    pub key: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Parameters of a `source_sync` job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSyncRequest {
    /// Which source.
    pub source_id: SourceId,
}

impl SourceSyncRequest {
    /// Reads a job's parameters.
    ///
    /// # Errors
    /// [`Invalid`] on `parameters`.
    pub fn parse(parameters: &Value) -> Result<Self, Invalid> {
        let read = parameters.is_object().then(|| <Self as Deserialize>::deserialize(parameters).ok()).flatten();
        read.ok_or_else(|| Invalid::one("parameters", "invalid", "must be {\"source_id\": <number>}"))
    }

    /// While a job with this key is alive, another is not made.
    #[must_use]
    pub fn unique_key(self) -> String {
        format!("source_sync:{}", self.source_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_of_a_run_are_exact() {
        assert_eq!(SourceSyncRequest::parse(&json!({"source_id": 7})).unwrap().source_id, SourceId::new(7));
        for wrong in [json!({}), json!({"source_id": "7"}), json!({"source_id": 7, "x": 1}), json!([7]), json!(null)] {
            assert!(SourceSyncRequest::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
