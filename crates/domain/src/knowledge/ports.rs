//! The knowledge base in storage.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{ChunkId, DocumentId, Page, PageRequest, RepositoryId, Sort, StoreError, Timestamp};

use super::{
    Address, CategoryCount, Chunk, ChunkWrite, Collection, ContentKind, DocumentFilter, DocumentOrigin, DocumentSort, DocumentVersion,
    EmbeddingModel, Evidence, Filing, KnowledgeDocument, KnowledgeError, KnowledgeStatistics, Narrowing, NewDocument, PassageRecord,
    RankedPassage, RepositoryFile, Staleness, Stored, Upload, WordMatches, Wording,
};

/// Documents, their passages and the bytes that wait to be read. Every method but [`KnowledgeRepo::due_for_judgement`] is told the scope and
/// touches nothing outside it.
#[async_trait]
pub trait KnowledgeRepo: Send + Sync {
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<KnowledgeDocument>, StoreError>;
    /// The document of an origin with this key.
    async fn find_by_source(
        &self,
        scope: &ProjectScope,
        origin: DocumentOrigin,
        key: &str,
    ) -> Result<Option<KnowledgeDocument>, StoreError>;
    /// The normalised text being served; `None` before the first reading.
    async fn text(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<String>, StoreError>;
    /// A page of documents.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &DocumentFilter,
        sort: Sort<DocumentSort>,
        page: PageRequest,
    ) -> Result<Page<KnowledgeDocument>, StoreError>;
    /// A page of a document's passages, in order.
    async fn chunks(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<Chunk>, StoreError>;

    /// A page of the contents that a document has had, newest first.
    async fn versions(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<DocumentVersion>, StoreError>;

    /// Adds a document and its first version. [`StoreError::Duplicate`] when its origin has one with that key.
    async fn insert(&self, scope: &ProjectScope, new: &NewDocument) -> Result<KnowledgeDocument, StoreError>;
    /// Writes what arrived over the document: a new version when the content differs from what is stored. Its passages stay as they are, and
    /// so does a title that was given.
    async fn overwrite(&self, scope: &ProjectScope, old: &KnowledgeDocument, new: &NewDocument) -> Result<KnowledgeDocument, StoreError>;
    /// Says where the document stands.
    async fn mark(&self, scope: &ProjectScope, id: DocumentId, mark: &Mark) -> Result<(), StoreError>;
    /// Gives the document a title, in lists and in the index.
    async fn rename(&self, scope: &ProjectScope, id: DocumentId, title: &str) -> Result<(), StoreError>;
    /// Files the document anew, in lists and in the index.
    async fn file(&self, scope: &ProjectScope, id: DocumentId, filing: &Filing) -> Result<(), StoreError>;
    /// Serves these passages and this text instead of what was there, and marks the document as indexed.
    async fn replace_passages(&self, scope: &ProjectScope, id: DocumentId, content: &IndexedContent) -> Result<(), StoreError>;
    /// Removes documents with every trace. Answers how many there were.
    async fn remove(&self, scope: &ProjectScope, ids: &[DocumentId]) -> Result<u64, StoreError>;

    /// Keeps the first part of bytes until they are read; bytes that waited already give way.
    async fn put_upload(&self, scope: &ProjectScope, id: DocumentId, upload: &Upload) -> Result<(), StoreError>;
    /// Keeps a further part: the `number`-th, counted from 1.
    async fn put_upload_part(&self, scope: &ProjectScope, id: DocumentId, number: i32, bytes: Vec<u8>) -> Result<(), StoreError>;
    /// The bytes that wait.
    async fn upload(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Upload>, StoreError>;
    /// Drops the bytes that wait if they still have this hash.
    async fn drop_upload(&self, scope: &ProjectScope, id: DocumentId, content_hash: &str) -> Result<(), StoreError>;

    /// What is known of a document's page; `None` for a document that is no page.
    async fn address(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Address>, StoreError>;
    /// Keeps what is known of a document's page.
    async fn set_address(&self, scope: &ProjectScope, id: DocumentId, address: &Address) -> Result<(), StoreError>;

    /// What tells how far documents of any project can be relied on, of those that were not judged since; the longest unjudged first.
    async fn due_for_judgement(&self, before: Timestamp, limit: u64) -> Result<Vec<Evidence>, StoreError>;
    /// What tells how far a document can be relied on.
    async fn evidence(&self, scope: &ProjectScope, id: DocumentId) -> Result<Option<Evidence>, StoreError>;
    /// Writes how far a document can be relied on, and when that was judged. Nothing else of it changes.
    async fn set_staleness(&self, scope: &ProjectScope, id: DocumentId, judged: (&Staleness, Timestamp)) -> Result<(), StoreError>;

    /// The vectors of this model that a document's passages have, by the hash of the text they are made of.
    async fn vectors_by_text(
        &self,
        scope: &ProjectScope,
        id: DocumentId,
        model: &EmbeddingModel,
    ) -> Result<BTreeMap<String, Vec<f32>>, StoreError>;
    /// The passages of a document as they are stored, in order, with their vectors of this model. The hash is empty where none was kept.
    async fn stored_passages(&self, scope: &ProjectScope, id: DocumentId, model: &EmbeddingModel) -> Result<Vec<ChunkWrite>, StoreError>;
    /// Passages of a document that have no vector of this model, in order; at most `limit`.
    async fn without_vector(
        &self,
        scope: &ProjectScope,
        id: DocumentId,
        model: &EmbeddingModel,
        limit: u64,
    ) -> Result<Vec<Chunk>, StoreError>;
    /// Adds vectors to passages that have none of this model.
    async fn add_vectors(&self, scope: &ProjectScope, model: &EmbeddingModel, vectors: &[(ChunkId, Vec<f32>)]) -> Result<(), StoreError>;

    /// Path, id and blob of every document of a repository.
    async fn of_repository(&self, scope: &ProjectScope, repository: RepositoryId) -> Result<Vec<RepositoryEntry>, StoreError>;
    /// The whole in numbers, with its vectors of this model, in a constant number of statements.
    async fn statistics(&self, scope: &ProjectScope, model: &EmbeddingModel) -> Result<KnowledgeStatistics, StoreError>;
    /// The categories in use, by name.
    async fn categories(&self, scope: &ProjectScope) -> Result<Vec<CategoryCount>, StoreError>;
    /// Where documents came from, uploads first, then repositories by name.
    async fn collections(&self, scope: &ProjectScope) -> Result<Vec<Collection>, StoreError>;
}

/// A document's new standing.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Where it stands.
    pub status: super::DocumentStatus,
    /// Why it could not be read.
    pub error: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What a document answers with from now on.
#[derive(Debug, Clone)]
pub struct IndexedContent {
    /// The title in the index.
    pub title: String,
    /// The hash of the bytes it was read from.
    pub content_hash: String,
    /// What the bytes turned out to be.
    pub kind: ContentKind,
    /// Which language it is in, where that can be told.
    pub language: Option<String>,
    /// What was lost or guessed on the way.
    pub warnings: Vec<String>,
    /// The normalised text.
    pub text: String,
    /// The passages, in order.
    pub passages: Vec<ChunkWrite>,
    /// The model that made their vectors.
    pub model: EmbeddingModel,
    /// When.
    pub at: Timestamp,
}

/// A repository's document as the synchronisation needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// The document.
    pub document: DocumentId,
    /// Its path in the repository.
    pub path: String,
    /// Git's hash of its content.
    pub blob_sha: String,
}

/// Finds passages. Reads only what is committed.
#[async_trait]
pub trait PassageIndex: Send + Sync {
    /// How often the project's passages, or what a hit shows of their documents, have changed. Equal revisions mean equal answers.
    async fn revision(&self, scope: &ProjectScope) -> Result<Revision, StoreError>;
    /// The documents that a narrowing leaves; `None` for all.
    async fn within(&self, scope: &ProjectScope, narrowing: &Narrowing) -> Result<Option<HashSet<DocumentId>>, StoreError>;
    /// The passages that hold every one of these phrases, as [`super::plain_phrase`] has them.
    async fn holding(&self, scope: &ProjectScope, phrases: &[String]) -> Result<HashSet<ChunkId>, StoreError>;
    /// The best passages by words, best first: the `limit` best of all, then the best ones of further documents, `limit` at most.
    /// No word is ever read as query syntax.
    async fn by_words(&self, scope: &ProjectScope, wording: &Wording, search: &Search) -> Result<WordMatches, StoreError>;
    /// The best passages by meaning, in the same order.
    async fn by_meaning(&self, scope: &ProjectScope, vector: &[f32], search: &Search) -> Result<Vec<RankedPassage>, StoreError>;
    /// The passages with these ids, in any order and in one statement; those that are gone are missing.
    async fn passages(&self, scope: &ProjectScope, ids: &[ChunkId]) -> Result<Vec<PassageRecord>, StoreError>;
}

/// A state of a project's knowledge base. Later states are greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub i64);

/// How far a search goes.
#[derive(Debug, Clone)]
pub struct Search {
    /// Most passages of the overall ranking.
    pub limit: usize,
    /// At least this state is searched.
    pub revision: Revision,
    /// The documents that may answer; `None` for all.
    pub within: Option<Arc<HashSet<DocumentId>>>,
    /// The passages that may answer; `None` for all.
    pub among: Option<Arc<HashSet<ChunkId>>>,
    /// The model whose vectors are compared.
    pub model: EmbeddingModel,
}

/// The knowledge base as the synchronisation of repositories uses it.
#[async_trait]
pub trait RepositoryDocuments: Send + Sync {
    /// Path and blob of every document of a repository, also of those that could not be read.
    async fn stored(&self, scope: &ProjectScope, repository: RepositoryId) -> Result<BTreeMap<String, String>, KnowledgeError>;
    /// Reads a file into the knowledge base: found from now on with its new content, or as before when it fails.
    async fn put(&self, scope: &ProjectScope, file: RepositoryFile) -> Result<Stored, KnowledgeError>;
    /// Removes the documents of files that are gone. Answers how many there were.
    async fn remove(&self, scope: &ProjectScope, repository: RepositoryId, paths: &[String]) -> Result<u64, KnowledgeError>;
}
