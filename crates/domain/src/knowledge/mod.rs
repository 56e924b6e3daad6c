//! The knowledge base: documents of a project, cut into passages that a question finds by words and by meaning.

mod edit;
mod error;
mod filter;
mod fusion;
mod highlight;
mod model;
mod ports;
mod processing;
mod search;
mod terms;
mod upload;

pub use edit::DocumentEdit;
pub use error::KnowledgeError;
pub use filter::{Category, DocumentFilter, DocumentSort, QueryText, Tags};
pub use fusion::{Fused, Grouping, by_document, reciprocal_rank};
pub use highlight::highlights;
pub use model::{
    CategoryCount, Chunk, ChunkWrite, Collection, DocumentOrigin, DocumentStatus, DocumentVersion, Filing, KnowledgeDocument,
    KnowledgeStatistics, NewDocument, RepositoryFile, Span, Stored, Upload,
};
pub use ports::{IndexedContent, KnowledgeRepo, Mark, PassageIndex, RepositoryDocuments, RepositoryEntry, Search};
pub use processing::{
    ContentKind, DocumentParser, DocumentReader, EmbedError, Embedder, EmbedderState, EmbeddingModel, Inspection, Parsed, Passage,
    ReadError, Reading, Sample, Section,
};
pub use search::{Explanation, Hit, Narrowing, PassageRecord, QueryAnswer, Question, RankedPassage, SearchMode, StageTimings};
pub use terms::{search_terms, stem};
pub use upload::{NewUpload, UploadFields};
