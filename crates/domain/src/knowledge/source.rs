//! The knowledge base as the reading of sources uses it.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{DocumentId, JobId, SourceId};

use super::{KnowledgeError, Stored};

/// A document that a source gave, or that was pushed to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDocument {
    /// The source.
    pub source: SourceId,
    /// What tells it from others of the source.
    pub key: String,
    /// What it is called, when its source says so.
    pub title: Option<String>,
    /// A file name that fits it.
    pub name: String,
    /// Where people can read it.
    pub url: Option<String>,
    /// What it is filed under.
    pub category: String,
    /// Labels.
    pub tags: Vec<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What became of a source's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The document.
    pub document: DocumentId,
    /// What was done with its content.
    pub stored: Stored,
}

/// The knowledge base as the reading of sources uses it.
#[async_trait]
pub trait SourceDocuments: Send + Sync {
    /// Reads a document into the knowledge base: found from now on with its new content, or as before when it fails.
    async fn put(&self, scope: &ProjectScope, document: SourceDocument) -> Result<Placed, KnowledgeError>;
    /// Keeps a document and schedules its reading: both or neither.
    async fn accept(&self, scope: &ProjectScope, document: SourceDocument) -> Result<(JobId, DocumentId), KnowledgeError>;
    /// Removes documents of a source. Answers how many there were.
    async fn remove(&self, scope: &ProjectScope, source: SourceId, documents: &[DocumentId]) -> Result<u64, KnowledgeError>;
}
