//! What the knowledge base needs of an engine: files read into passages, passages and questions turned into vectors.

use std::sync::Arc;

use async_trait::async_trait;

use crate::text_enum;

use super::Span;

text_enum! {
    /// What a file's bytes are, decided by looking at them.
    ContentKind {
        /// Markdown.
        Markdown = "text/markdown",
        /// A web page.
        Html = "text/html",
        /// reStructuredText.
        Rst = "text/x-rst",
        /// Text without markup.
        Plain = "text/plain",
    }
}

/// A file at first sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What it is.
    pub kind: ContentKind,
    /// SHA-256 of its bytes, in hex.
    pub content_hash: String,
}

/// A file, read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it calls itself, when it does.
    pub title: Option<String>,
    /// Its normalised text: UTF-8 in NFC, `\n` line ends, no control characters; web pages as Markdown of their main content.
    pub text: String,
    /// The text in passages that the embedding model reads whole.
    pub passages: Vec<Passage>,
}

/// A passage that was cut from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Exactly the text at `span`.
    pub content: String,
    /// The headings above it, outermost first.
    pub heading_path: Vec<String>,
    /// Where in the normalised text it is.
    pub span: Span,
    /// Tokens of the embedding model, its special ones included.
    pub token_count: i32,
    /// What is given to the embedding model: the content under its headings, as far as the model reads.
    pub embedded_text: String,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it but blanks.
    #[error("the file holds no text")]
    Empty,
    /// Not UTF-8.
    #[error("the file is not UTF-8 text (first bad byte at offset {0})")]
    NotUtf8(usize),
    /// A NUL byte: a binary file, or text that no database can keep.
    #[error("the file holds a NUL byte at offset {0}: it is not a text file")]
    Nul(usize),
    /// A kind that is known and not handled.
    #[error("{0} files are not read; md, txt, rst and html are")]
    Unsupported(&'static str),
    /// The parser gave up.
    #[error("the file cannot be parsed: {0}")]
    Parse(String),
}

impl ReadError {
    /// The slug of the problem's `type`.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Empty => "document-empty",
            Self::NotUtf8(_) => "document-not-utf8",
            Self::Nul(_) => "document-binary",
            Self::Unsupported(_) => "document-kind-unsupported",
            Self::Parse(_) => "document-unreadable",
        }
    }
}

/// Reads files.
#[async_trait]
pub trait DocumentReader: Send + Sync {
    /// Looks at a file without reading it whole: refuses what [`DocumentReader::read`] would refuse for its bytes.
    fn inspect(&self, name: &str, bytes: &[u8]) -> Result<Inspection, ReadError>;
    /// Normalises a file and cuts it into passages, off the threads that serve requests. The same bytes always give the same passages.
    async fn read(&self, name: &str, bytes: Vec<u8>) -> Result<Reading, ReadError>;
}

/// Which model makes the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddingModel {
    /// Its name; vectors of different names are not comparable.
    pub name: &'static str,
    /// Numbers in a vector.
    pub dimension: usize,
}

/// Whether vectors can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbedderState {
    /// The model is being loaded.
    Loading,
    /// Ready.
    Ready,
    /// There is no model, for this reason.
    Unavailable(String),
}

/// Why no vector was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// There is no model, for this reason.
    #[error("{0}")]
    Unavailable(String),
    /// Too much waits already.
    #[error("too many texts wait for the embedding model")]
    Busy,
    /// The model failed on this input.
    #[error("the embedding model failed: {0}")]
    Failed(String),
}

/// Turns text into vectors of length 1, whose dot product is the likeness of their meaning.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model.
    fn model(&self) -> EmbeddingModel;
    /// Whether it can be used now.
    fn state(&self) -> EmbedderState;
    /// Waits until it is known whether there is a model.
    async fn settled(&self) -> EmbedderState;
    /// The vector of a question. Goes before passages that wait.
    async fn embed_query(&self, text: &str) -> Result<Arc<[f32]>, EmbedError>;
    /// The vectors of passages, in their order.
    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError>;
}
