//! Documents and their chunks.

use std::collections::BTreeMap;

use crate::shared::{ChunkId, DocumentId, RepositoryId, TechnologyId, Timestamp, UserId};
use crate::text_enum;

use super::{ContentKind, Staleness};

text_enum! {
    /// Where a document came from.
    DocumentOrigin {
        /// A person uploaded it.
        Upload = "upload",
        /// The synchronisation of a repository read it.
        Repository = "repository",
        /// A source of the project was read, or it was pushed to one.
        Source = "source",
        /// A person named a page, which is read from where it is.
        Url = "url",
    }
}

text_enum! {
    /// Where a document stands. A document that is being read again still answers with its former passages.
    DocumentStatus {
        /// Waits to be read.
        Pending = "pending",
        /// Is being read.
        Indexing = "indexing",
        /// Its newest version can be found.
        Indexed = "indexed",
        /// Its newest version could not be read; `error` says why.
        Failed = "failed",
    }
}

/// A half-open range of Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First code point.
    pub start: u64,
    /// The one after the last.
    pub end: u64,
}

/// A document of the knowledge base, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeDocument {
    /// Its id, kept across versions.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// Whether a person gave it its title; otherwise the newest content does.
    pub title_is_given: bool,
    /// The category it is filed under.
    pub category: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// The technology it is about, when somebody said so.
    pub technology: Option<TechnologyId>,
    /// The file's name without folders.
    pub filename: String,
    /// Where it came from.
    pub origin: DocumentOrigin,
    /// What tells it from others of its origin: the file name of an upload, repository and path of a repository's file.
    pub source_key: String,
    /// Path within its repository.
    pub source_path: Option<String>,
    /// Where people can read it.
    pub source_url: Option<String>,
    /// The repository it belongs to.
    pub repository: Option<RepositoryId>,
    /// The commit it was read at.
    pub commit_sha: Option<String>,
    /// Git's hash of its content.
    pub blob_sha: Option<String>,
    /// What its bytes are.
    pub content_type: ContentKind,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, in hex.
    pub content_hash: String,
    /// The hash whose passages are being served, when any are.
    pub indexed_hash: Option<String>,
    /// Counts the contents it has had, from 1.
    pub version: i32,
    /// Where it stands.
    pub status: DocumentStatus,
    /// Why it could not be read, for people.
    pub error: Option<String>,
    /// Passages being served.
    pub chunk_count: i64,
    /// Which language the content being served is in: `en`, or `rust` for source code. `None` when that cannot be told.
    pub language: Option<String>,
    /// What was lost or guessed when the content being served was read, for people.
    pub warnings: Vec<String>,
    /// When the content being served was read.
    pub indexed_at: Option<Timestamp>,
    /// How far it can no longer be relied on, as it was last judged.
    pub staleness: Staleness,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What is written of a document when it arrives or arrives again.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// What it is called.
    pub title: String,
    /// Whether a person gave it this title: a title that was given before gives way to no other.
    pub title_is_given: bool,
    /// The category it is filed under.
    pub category: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// The file's name without folders.
    pub filename: String,
    /// Where it came from.
    pub origin: DocumentOrigin,
    /// What tells it from others of its origin.
    pub source_key: String,
    /// Path within its repository.
    pub source_path: Option<String>,
    /// Where people can read it.
    pub source_url: Option<String>,
    /// The repository it belongs to.
    pub repository: Option<RepositoryId>,
    /// The commit it was read at.
    pub commit_sha: Option<String>,
    /// Git's hash of its content.
    pub blob_sha: Option<String>,
    /// What its bytes are.
    pub content_type: ContentKind,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, in hex.
    pub content_hash: String,
    /// Where it stands after this write.
    pub status: DocumentStatus,
    /// Why it could not be read.
    pub error: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Bytes that wait to be read.
#[derive(Debug, Clone)]
pub struct Upload {
    /// SHA-256 of the bytes, in hex.
    pub content_hash: String,
    /// The title the client asked for.
    pub title: Option<String>,
    /// The bytes; when they are stored, their first part, which is at most [`Upload::PART`] long.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// Most bytes that are stored in one row.
    pub const PART: usize = 1024 * 1024;
}

/// One of the contents that a document has had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Counts from 1.
    pub version: i32,
    /// SHA-256 of the bytes, in hex.
    pub content_hash: String,
    /// Bytes.
    pub size: i64,
    /// What its bytes are.
    pub content_type: ContentKind,
    /// Where it came from.
    pub origin: DocumentOrigin,
    /// Who brought it, when it was a person.
    pub added_by: Option<UserId>,
    /// The commit it was read at.
    pub commit_sha: Option<String>,
    /// When it arrived.
    pub created_at: Timestamp,
    /// When it was read; `None` when that is yet to come or never succeeded.
    pub indexed_at: Option<Timestamp>,
    /// Its passages, once it was read.
    pub chunk_count: Option<i64>,
    /// What was lost or guessed when it was read.
    pub warnings: Vec<String>,
}

/// How a document is filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// What it is called.
    pub title: String,
    /// Whether a person gave it its title.
    pub title_is_given: bool,
    /// The category it is filed under.
    pub category: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// The technology it is about.
    pub technology: Option<TechnologyId>,
    /// When it was filed so.
    pub at: Timestamp,
}

/// A repository's file for the knowledge base.
#[derive(Debug, Clone)]
pub struct RepositoryFile {
    /// The repository.
    pub repository: RepositoryId,
    /// `owner/name`: the category it is filed under.
    pub repository_name: String,
    /// Path within the repository.
    pub path: String,
    /// The commit it was read at.
    pub commit_sha: String,
    /// Git's hash of the content.
    pub blob_sha: String,
    /// Where people can read it.
    pub url: Option<String>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What became of a repository's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It can be found; this many passages.
    Indexed(u64),
    /// Its content is what was there already.
    Unchanged,
    /// It is remembered as unreadable, for this reason.
    Unreadable(String),
}

/// A passage of a document, as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its id. Never used again once the passage is replaced.
    pub id: ChunkId,
    /// Its place in the document, from 0.
    pub ordinal: i32,
    /// Its text, exactly as in the normalised document.
    pub content: String,
    /// The headings above it, outermost first.
    pub heading_path: Vec<String>,
    /// Where in the normalised document it is.
    pub span: Span,
    /// Tokens of the embedding model.
    pub token_count: i32,
    /// Whether it can be found by meaning.
    pub is_embedded: bool,
}

/// A passage to store.
#[derive(Debug, Clone)]
pub struct ChunkWrite {
    /// Its text, exactly as in the normalised document.
    pub content: String,
    /// The headings above it, outermost first.
    pub heading_path: Vec<String>,
    /// Where in the normalised document it is.
    pub span: Span,
    /// Tokens of the embedding model.
    pub token_count: i32,
    /// SHA-256 of the text that its vector is made of, in hex: a passage with the same one keeps the vector.
    pub text_hash: String,
    /// Its vector; `None` when no model was there to make one.
    pub embedding: Option<Vec<f32>>,
}

/// The knowledge base of a project in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnowledgeStatistics {
    /// Documents.
    pub documents: u64,
    /// Passages.
    pub chunks: u64,
    /// Passages with a vector.
    pub embedded_chunks: u64,
    /// Documents by category.
    pub by_category: BTreeMap<String, u64>,
    /// Documents by status.
    pub by_status: BTreeMap<String, u64>,
}

/// A category in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category.
    pub category: String,
    /// Documents filed under it.
    pub documents: u64,
}

/// Documents that came from one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// `uploads`, or the repository's `owner/name`.
    pub name: String,
    /// Where its documents came from.
    pub origin: DocumentOrigin,
    /// The repository.
    pub repository: Option<RepositoryId>,
    /// Documents.
    pub documents: u64,
    /// Passages.
    pub chunks: u64,
}
