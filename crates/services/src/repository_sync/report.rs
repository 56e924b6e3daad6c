//! What a run did: the job's result.

use serde::Serialize;
use serde_json::Value;

/// A file that is not in the knowledge base, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Skipped {
    pub(super) path: String,
    pub(super) reason: String,
}

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    pub(super) commits_added: u64,
    pub(super) documents_added: u64,
    pub(super) documents_updated: u64,
    pub(super) documents_removed: u64,
    pub(super) documents_skipped: Vec<Skipped>,
    pub(super) head_sha: Option<String>,
    pub(super) changes_detected: bool,
    /// What a person should know besides the numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'static str>,
}

impl Report {
    pub(super) fn skip(&mut self, path: &str, reason: impl Into<String>) {
        self.documents_skipped.push(Skipped { path: path.to_owned(), reason: reason.into() });
    }

    pub(super) fn into_value(self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
