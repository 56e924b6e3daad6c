//! The knowledge base: documents of a project, cut into passages that a question finds by words and by meaning.

mod error;
mod filter;
mod fusion;
mod highlight;
mod model;
mod ports;
mod processing;
mod search;
mod source;
mod terms;
mod upload;

pub use error::KnowledgeError;
pub use filter::{Category, DocumentFilter, DocumentSort, QueryText, Tags};
pub use fusion::{Fused, Grouping, by_document, reciprocal_rank};
pub use highlight::highlights;
pub use model::{
    CategoryCount, Chunk, ChunkWrite, Collection, DocumentOrigin, DocumentStatus, KnowledgeDocument, KnowledgeStatistics, NewDocument,
    RepositoryFile, Span, Stored, Upload,
};
pub use ports::{IndexedContent, KnowledgeRepo, Mark, PassageIndex, RepositoryDocuments, RepositoryEntry, Search};
pub use processing::{
    ContentKind, DocumentReader, EmbedError, Embedder, EmbedderState, EmbeddingModel, Inspection, Passage, ReadError, Reading,
};
pub use search::{Explanation, Hit, Narrowing, PassageRecord, QueryAnswer, Question, RankedPassage, SearchMode, StageTimings};
pub use source::{Placed, SourceDocument, SourceDocuments};
pub use terms::{search_terms, stem};
pub use upload::{NewUpload, UploadFields};
