//! What goes in and out of the operations on single documents.

use chrono::{DateTime, Utc};
use commandcenter_domain::Patch;
use commandcenter_domain::knowledge::{AddressFields, ContentKind, DocumentEdit, DocumentOrigin, DocumentVersion, NewAddress};
use commandcenter_domain::shared::{Checker, DocumentId, Invalid, JobId, TechnologyId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::DocumentView;
use crate::extract::double_option;
use crate::problem::Problem;

/// Files for the knowledge base.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read part by part")]
pub(super) struct UploadDocument {
    /// The file; its content decides what it is. May come up to 100 times.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What the files are filed under.
    category: String,
    /// A title, for a single file; the document's own without.
    title: Option<String>,
    /// Labels, separated by commas.
    tags: Option<String>,
}

/// Documents that were taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadedView {
    /// The job that reads the file; of one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub(super) job_id: Option<JobId>,
    /// Of one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    document_id: Option<DocumentId>,
    /// Of one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentView>,
    /// What became of each of several files, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<UploadItemView>,
}

impl UploadedView {
    pub(super) fn of_one(item: UploadItemView) -> Self {
        let UploadItemView { job_id, document_id, document, filename: _, problem: _ } = item;
        Self { job_id, document_id, document, items: Vec::new() }
    }

    pub(super) const fn of_many(items: Vec<UploadItemView>) -> Self {
        Self { job_id: None, document_id: None, document: None, items }
    }
}

/// What became of one of several files.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadItemView {
    /// As the client called it.
    filename: String,
    /// The job that reads it.
    #[schema(value_type = Option<i64>)]
    job_id: Option<JobId>,
    #[schema(value_type = Option<i64>)]
    document_id: Option<DocumentId>,
    document: Option<DocumentView>,
    /// Why it was not taken in.
    problem: Option<Problem>,
}

impl UploadItemView {
    pub(super) fn accepted(filename: String, job: JobId, document: DocumentView) -> Self {
        Self { filename, job_id: Some(job), document_id: Some(document.id()), document: Some(document), problem: None }
    }

    pub(super) const fn refused(filename: String, problem: Problem) -> Self {
        Self { filename, job_id: None, document_id: None, document: None, problem: Some(problem) }
    }
}

/// A page for the knowledge base.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://docs.example.com/guide.pdf", "category": "guides"}))]
pub(super) struct AddPage {
    /// Where it is: http or https.
    url: String,
    /// What it is filed under.
    category: String,
    /// A title; the document's own without.
    #[serde(default)]
    title: Option<String>,
    /// Labels; left out, a page that is there already keeps its own.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl AddPage {
    pub(super) fn parse(self) -> Result<NewAddress, Invalid> {
        let Self { url, category, title, tags } = self;
        NewAddress::parse(&AddressFields { url, category: Some(category), title, tags })
    }
}

/// How a document is filed. A field left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Guide to leases", "tags": ["jobs"], "technology_id": null}))]
pub(super) struct EditDocument {
    /// Not null. Stays when a new version brings another.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// Not null.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    category: Option<Option<String>>,
    /// Not null; at most 32.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Option<Option<Vec<String>>>,
    /// The technology it is about; null for none.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<i64>)]
    technology_id: Option<Option<i64>>,
}

impl EditDocument {
    pub(super) fn parse(self) -> Result<DocumentEdit, Invalid> {
        let Self { title, category, tags, technology_id } = self;
        let mut check = Checker::new();
        for (name, is_null) in [("title", title == Some(None)), ("category", category == Some(None)), ("tags", tags == Some(None))] {
            if is_null {
                check.note(name, "required", "must not be null");
            }
        }
        check.finish(())?;
        let technology = Patch::from_double(technology_id.map(|id| id.map(TechnologyId::new)));
        DocumentEdit::parse(title.flatten().as_deref(), category.flatten().as_deref(), tags.flatten().as_deref(), technology)
    }
}

/// A content that a document has had.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentVersionView)]
pub(super) struct VersionView {
    /// Counts from 1.
    version: i32,
    /// SHA-256 of the bytes, in hex.
    content_hash: String,
    size: i64,
    #[schema(value_type = String, example = "application/pdf")]
    content_type: ContentKind,
    /// `upload`, `repository`, `source` or `url`.
    #[schema(value_type = String, example = "upload")]
    origin: DocumentOrigin,
    /// Who brought it, when it was a person.
    #[schema(value_type = Option<i64>)]
    added_by: Option<UserId>,
    commit_sha: Option<String>,
    /// When it arrived.
    created_at: DateTime<Utc>,
    /// When it was read; null when that is yet to come or never succeeded.
    indexed_at: Option<DateTime<Utc>>,
    /// Its passages, once it was read.
    chunk_count: Option<i64>,
    /// What was lost or guessed when it was read.
    warnings: Vec<String>,
}

impl From<DocumentVersion> for VersionView {
    fn from(version: DocumentVersion) -> Self {
        let DocumentVersion {
            version,
            content_hash,
            size,
            content_type,
            origin,
            added_by,
            commit_sha,
            created_at,
            indexed_at,
            chunk_count,
            warnings,
        } = version;
        Self { version, content_hash, size, content_type, origin, added_by, commit_sha, created_at, indexed_at, chunk_count, warnings }
    }
}
