//! The knowledge base: documents of a project, cut into passages that a question finds by words and by meaning.

mod address;
mod archive;
mod ask;
mod citation;
mod collection;
mod diversity;
mod edit;
mod embedder;
mod error;
mod evaluation;
mod filter;
mod fusion;
mod highlight;
mod memory;
mod model;
mod porter;
mod ports;
mod processing;
mod rerank;
mod search;
mod sentence;
mod source;
mod staleness;
mod terms;
mod tokens;
mod upload;
mod wording;

pub use address::{Address, AddressFields, NewAddress};
pub use archive::{ArchiveError, ArchiveHeader, ArchiveReceiving, ArchivedDocument, ArchivedPassage, Archives, OpenArchive, Packing};
pub use ask::{AskPolicy, Citation, CitationFault, NOT_IN_SOURCES, Statement, Support};
pub use citation::{Mark as SourceMark, locate, read_marks};
pub use collection::{
    Coverage, EmbeddedTexts, EmbedderChoice, EmbeddingRepo, EmbeddingSettings, Lacking, ModelChange, ProviderEmbeddings, ProviderModel,
};
pub use diversity::{Shingles, copies, diversified};
pub use edit::DocumentEdit;
pub use embedder::{EmbedError, Embedder, EmbedderState, EmbeddingModel};
pub use error::KnowledgeError;
pub use evaluation::{
    Evaluation, EvaluationRepo, JudgedQuery, Judgement, Measures, NewEvaluation, QueryFields, QueryOutcome, RunEvaluation,
};
pub use filter::{Category, DocumentFilter, DocumentSort, QueryText, Tags};
pub use fusion::{Fused, Grouping, by_document, fuse};
pub use highlight::highlights;
pub use memory::SharedMemory;
pub use model::{
    CategoryCount, Chunk, ChunkWrite, Collection, DocumentOrigin, DocumentStatus, DocumentVersion, Filing, KnowledgeDocument,
    KnowledgeStatistics, NewDocument, RepositoryFile, Span, Stored, Upload,
};
pub use porter::stem;
pub use ports::{IndexedContent, KnowledgeRepo, Mark, PassageIndex, RepositoryDocuments, RepositoryEntry, Revision, Search};
pub use processing::{ContentKind, DocumentParser, DocumentReader, Inspection, Parsed, Passage, ReadError, Reading, Sample, Section};
pub use rerank::{Grades, PassageJudge, Reranking, regraded};
pub use search::{
    Correction, Duplicate, Explanation, Hit, Narrowing, PassageRecord, QueryAnswer, Question, RankedPassage, SearchMode, StageTimings,
    WordMatches,
};
pub use sentence::Statements;
pub use source::{Placed, SourceDocument, SourceDocuments};
pub use staleness::{Evidence, StaleReason, StaleSign, Staleness};
pub use terms::search_terms;
pub use tokens::each_token;
pub use upload::{NewUpload, UploadFields};
pub use wording::{Term, Wording, plain_phrase};
