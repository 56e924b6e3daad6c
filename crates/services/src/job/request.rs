//! A request for a job, as a client makes it.

use commandcenter_domain::job::{JobError, JobKind, NewJob};
use commandcenter_domain::repository::SyncRequest;
use commandcenter_domain::shared::{Checker, DocumentId, Invalid, Timestamp};
use commandcenter_domain::source::SourceSyncRequest;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Most bytes of parameters or tags, as JSON.
const LARGEST: usize = 64 * 1024;

/// What a client says, unchecked.
#[derive(Debug, Clone, Default)]
pub struct NewJobInput {
    /// The kind.
    pub job_type: String,
    /// Shaped by the kind.
    pub parameters: Map<String, Value>,
    /// Free labels.
    pub tags: Map<String, Value>,
    /// 1 to 10.
    pub priority: Option<i32>,
}

/// A job that may be made. **Invariant:** of a known kind, with parameters of the kind's form.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRequest {
    kind: JobKind,
    parameters: Value,
    tags: Value,
    priority: i32,
}

/// Parameters of a `knowledge_ingest` job.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngestParameters {
    document_id: DocumentId,
}

impl JobRequest {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`JobError::UnknownType`], or [`JobError::Invalid`] with every broken rule.
    pub fn parse(input: NewJobInput) -> Result<Self, JobError> {
        let NewJobInput { job_type, parameters, tags, priority } = input;
        let kind = JobKind::parse(job_type.trim()).ok_or_else(JobError::unknown_type)?;
        let (parameters, tags) = (Value::Object(parameters), Value::Object(tags));
        let mut check = Checker::new();
        let priority = check.number("priority", priority.unwrap_or(5), (1, 10));
        storable(&mut check, "parameters", &parameters);
        storable(&mut check, "tags", &tags);
        let shaped = match kind {
            JobKind::RepositorySync => SyncRequest::parse(&parameters).is_ok(),
            JobKind::KnowledgeIngest => ingested(&parameters).is_ok(),
            JobKind::SourceSync => SourceSyncRequest::parse(&parameters).is_ok(),
            // Made by batches and by the settings of the knowledge base only.
            JobKind::BatchImport | JobKind::ImportRows | JobKind::KnowledgeReembed => return Err(JobError::unknown_type()),
        };
        if !shaped {
            check.note("parameters", "invalid", shape(kind));
        }
        Ok(check.finish(Self { kind, parameters, tags, priority })?)
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        self.kind
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &Value {
        &self.parameters
    }

    /// Kind, parameters, tags and priority, for a schedule that is to make such jobs.
    pub(crate) fn into_parts(self) -> (JobKind, Value, Value, i32) {
        (self.kind, self.parameters, self.tags, self.priority)
    }

    /// The job to put in the queue. It takes no unique key: one that is never sent must not keep others from being made.
    pub(super) fn held(self, now: Timestamp) -> NewJob {
        let Self { kind, parameters, tags, priority } = self;
        NewJob { tags, priority, ..NewJob::held(kind, parameters, now) }
    }
}

/// The document that a `knowledge_ingest` job is to read.
pub(super) fn ingested(parameters: &Value) -> Result<DocumentId, JobError> {
    let wrong = |_| Invalid::one("parameters", "invalid", shape(JobKind::KnowledgeIngest));
    let IngestParameters { document_id } = serde_json::from_value(parameters.clone()).map_err(wrong)?;
    Ok(document_id)
}

const fn shape(kind: JobKind) -> &'static str {
    match kind {
        JobKind::RepositorySync => "must be {\"repository_id\": <id>, \"force\": <true or false, optional>}",
        JobKind::KnowledgeIngest => "must be {\"document_id\": <id>}",
        JobKind::SourceSync => "must be {\"source_id\": <id>}",
        JobKind::BatchImport | JobKind::ImportRows | JobKind::KnowledgeReembed => "cannot be given",
    }
}

/// Both databases must be able to hold it: no NUL in any text, and of a bearable size.
pub(crate) fn storable(check: &mut Checker, field: &str, value: &Value) {
    let text = value.to_string();
    if text.len() > LARGEST {
        check.note(field, "too_long", format!("must have at most {LARGEST} bytes as JSON"));
    }
    if text.contains("\\u0000") {
        check.note(field, "nul", "must not contain the NUL character");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn parse(job_type: &str, parameters: Value) -> Result<JobRequest, JobError> {
        JobRequest::parse(NewJobInput { job_type: job_type.into(), parameters: object(parameters), ..Default::default() })
    }

    #[test]
    fn parameters_that_do_not_fit_the_kind_are_refused() {
        for wrong in [json!({}), json!({"repository_id": "1"}), json!({"repository_id": 1.5}), json!({"repository_id": 1, "project_id": 2})]
        {
            assert!(matches!(parse("repository_sync", wrong.clone()), Err(JobError::Invalid(_))), "{wrong}");
        }
        assert!(parse("repository_sync", json!({"repository_id": 1})).is_ok());
        assert!(parse("knowledge_ingest", json!({"document_id": 1})).is_ok());
        for unknown in ["analysis", "batch_import", "import_rows"] {
            assert!(matches!(parse(unknown, json!({})), Err(JobError::UnknownType(_))), "{unknown}");
        }
    }

    #[test]
    fn what_cannot_be_stored_is_refused() {
        let request = |tags, priority| {
            let parameters = object(json!({"repository_id": 1}));
            JobRequest::parse(NewJobInput { job_type: "repository_sync".into(), parameters, tags: object(tags), priority })
        };
        for (tags, priority) in
            [(json!({"a": "x\0"}), None), (json!({"a": "x".repeat(70_000)}), None), (json!({}), Some(0)), (json!({}), Some(11))]
        {
            assert!(request(tags, priority).is_err());
        }
        assert!(request(json!({"team": "dsp"}), Some(10)).is_ok());
    }
}
