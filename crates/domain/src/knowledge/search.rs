//! A question and its answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::shared::{ChunkId, DocumentId, RepositoryId, SourceId, TechnologyId, Timestamp};
use crate::text_enum;

use super::{DocumentOrigin, Grouping, QueryText, Reranking, Span};

text_enum! {
    /// How passages are looked for.
    SearchMode {
        /// By words and by meaning.
        Hybrid = "hybrid",
        /// By words.
        Keyword = "keyword",
        /// By meaning.
        Vector = "vector",
    }
}

/// Which documents may answer; conditions combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Narrowing {
    /// Filed under this.
    pub category: Option<String>,
    /// Linked to this technology, or from a repository that is.
    pub technology: Option<TechnologyId>,
    /// From this repository.
    pub repository: Option<RepositoryId>,
    /// Of this origin.
    pub origin: Option<DocumentOrigin>,
    /// Brought by this source.
    pub source: Option<SourceId>,
    /// In this language, as a document's `language` names it.
    pub language: Option<String>,
    /// With every one of these labels.
    pub tags: Vec<String>,
    /// Whose path in its repository, or else file name, begins so.
    pub path_prefix: Option<String>,
    /// Last changed then or later.
    pub since: Option<Timestamp>,
    /// Last changed before then.
    pub until: Option<Timestamp>,
}

impl Narrowing {
    /// Whether every document may answer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// A question to the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// In a person's words.
    pub text: QueryText,
    /// Most hits wanted, 1 to 50.
    pub limit: usize,
    /// Hits before the first that is wanted.
    pub offset: usize,
    /// How to look.
    pub mode: SearchMode,
    /// Where to look.
    pub narrowing: Narrowing,
    /// What a hit is.
    pub grouping: Grouping,
    /// How much, in percent, a hit that is unlike those before it goes before one that is like them.
    pub diversity: u8,
    /// How long a model may read the first hits to put them in its order; `None` leaves the fused one.
    pub rerank: Option<Duration>,
}

impl Question {
    /// Hits up to the last that is wanted.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.offset + self.limit
    }
}

/// A passage in a ranking by one method, best first. A higher score is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedPassage {
    /// The passage.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// The method's own score, not comparable across methods.
    pub score: f64,
}

/// What a search by words came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordMatches {
    /// Best first.
    pub ranking: Vec<RankedPassage>,
    /// Words that no passage holds, and what was looked for instead.
    pub corrections: Vec<Correction>,
}

/// A word that was taken for a misspelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The word of the question, as the index would hold it.
    pub word: String,
    /// The word that was looked for.
    pub instead: String,
}

/// A passage with what a hit shows of its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageRecord {
    /// The passage.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// The document's title.
    pub title: String,
    /// The document's category.
    pub category: String,
    /// Where the document came from, for people: the file's name or its path in the repository.
    pub source: String,
    /// Where people can read it.
    pub url: Option<String>,
    /// The passage's text.
    pub content: String,
    /// The headings above it.
    pub heading_path: Vec<String>,
    /// Where in the normalised document it is.
    pub span: Span,
}

/// Why a hit stands where it stands. Ranks count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Explanation {
    /// Place by words.
    pub lexical_rank: Option<u32>,
    /// Place by meaning.
    pub vector_rank: Option<u32>,
    /// Score by words.
    pub lexical_score: Option<f64>,
    /// Likeness of meaning.
    pub vector_score: Option<f64>,
    /// What the words give to the fused score.
    pub lexical_part: f64,
    /// What the meaning gives to it.
    pub vector_part: f64,
    /// Place before a model read the hits, where one was to.
    pub fused_rank: Option<u32>,
    /// What the model gave it, 0 to 10.
    pub grade: Option<u8>,
}

/// A copy of a hit in another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The passage.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// The document's title.
    pub title: String,
    /// Where the document came from, for people.
    pub source: String,
}

/// A passage that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The passage.
    pub passage: PassageRecord,
    /// Its fused score; higher is better.
    pub score: f64,
    /// Where in the passage the question's words are, in code points of the passage.
    pub highlights: Vec<Span>,
    /// Why it stands where it stands.
    pub explanation: Explanation,
    /// Passages that say the same and are not shown besides.
    pub duplicates: Vec<Duplicate>,
}

/// How long each stage took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimings {
    /// The question's vector.
    pub embed: Duration,
    /// The search by words.
    pub lexical: Duration,
    /// The search by meaning.
    pub vector: Duration,
    /// Fusing, loading passages, highlighting.
    pub fetch: Duration,
}

/// The answer to a question.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QueryAnswer {
    /// How passages were in fact looked for.
    pub mode_used: SearchMode,
    /// Why it is less than was asked for.
    pub degraded: Option<String>,
    /// Words that were taken for misspellings.
    pub corrections: Vec<Correction>,
    /// What became of the wish for a model's order.
    pub reranking: Option<Reranking>,
    /// Best first.
    pub hits: Vec<Hit>,
    /// Whether there are hits behind them.
    pub has_more: bool,
    /// How long each stage took.
    pub timings: StageTimings,
}
