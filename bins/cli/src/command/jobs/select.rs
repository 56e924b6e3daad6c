//! Many jobs at once: which they are, how many they are.

use serde_json::{Value, json};

use crate::args::JobFilter;
use crate::client::{Client, Request};
use crate::error::CliError;

/// Jobs of some statuses, as far as a filter lets them through, or those of them that are named.
#[derive(Debug)]
pub(super) struct Selection {
    statuses: Vec<String>,
    filter: JobFilter,
    ids: Vec<i64>,
}

impl Selection {
    /// Jobs of these statuses that the filter lets through.
    pub(super) fn of(statuses: &[&str], filter: JobFilter) -> Self {
        Self { statuses: statuses.iter().map(|status| (*status).to_owned()).collect(), filter, ids: Vec::new() }
    }

    /// Only those with these ids; all of them without any.
    pub(super) fn only(self, ids: Vec<i64>) -> Self {
        Self { ids, ..self }
    }

    /// The body that names them to the server.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({ "status": self.statuses });
        let JobFilter { job_type, queue } = &self.filter;
        for (name, value) in [("job_type", job_type), ("queue", queue)] {
            if let Some(value) = value {
                body[name] = value.as_str().into();
            }
        }
        if !self.ids.is_empty() {
            body["ids"] = json!(self.ids);
        }
        body
    }

    /// How many there are now: what a person is told before they agree.
    pub(super) async fn count(&self, client: &Client) -> Result<u64, CliError> {
        if !self.ids.is_empty() {
            return Ok(self.ids.len() as u64);
        }
        let mut count = 0;
        for status in &self.statuses {
            let request = Request::get("/jobs").with("status", status).with("limit", "1");
            let request = request.with_some("job_type", self.filter.job_type.clone()).with_some("queue", self.filter.queue.clone());
            let page = client.ask_project(request).await?;
            count += page.get("total").and_then(Value::as_u64).unwrap_or_default();
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_says_only_what_was_given() {
        let filter = JobFilter { job_type: Some("repository_sync".to_owned()), queue: None };
        let body = Selection::of(&["failed", "dead"], filter).body();
        assert_eq!(body, json!({ "status": ["failed", "dead"], "job_type": "repository_sync" }));
        let filter = JobFilter { job_type: None, queue: Some("sync".to_owned()) };
        let body = Selection::of(&["dead"], filter).only(vec![3, 4]).body();
        assert_eq!(body, json!({ "status": ["dead"], "queue": "sync", "ids": [3, 4] }));
    }
}
