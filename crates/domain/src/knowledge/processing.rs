//! What the knowledge base needs of an engine: files read into passages.

use std::borrow::Cow;

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
        /// A PDF.
        Pdf = "application/pdf",
        /// A text document of an office suite.
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        /// Slides.
        Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        /// A workbook of sheets.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// A table with a separator between its cells.
        Csv = "text/csv",
        /// JSON.
        Json = "application/json",
        /// A notebook of cells.
        Notebook = "application/x-ipynb+json",
        /// Source code; the document's language says which.
        Code = "text/x-source-code",
    }
}

/// What is looked at of a file before it is read: its first bytes and its last ones, which may be the same.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The first bytes.
    pub head: &'a [u8],
    /// The last bytes, where archives keep their table of contents.
    pub tail: &'a [u8],
}

impl<'a> Sample<'a> {
    /// Most bytes of either end that anything looks at.
    pub const EDGE: usize = 64 * 1024;

    /// Both ends of a file.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        let edge = bytes.len().min(Self::EDGE);
        Self { head: &bytes[..edge], tail: &bytes[bytes.len() - edge..] }
    }
}

/// A definition in source code: bytes `start..end` of the text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Section {
    /// Its first byte, at the start of a line; comments and attributes in front of it belong to it.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// What it defines.
    pub name: String,
}

/// A file turned into text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Parsed {
    /// What it is, now that it was read.
    pub kind: ContentKind,
    /// What it calls itself apart from its headings, when it does.
    pub title: Option<String>,
    /// Its normalised text: UTF-8 in NFC, `\n` line ends, no control characters; all but plain text, reStructuredText and source code as
    /// Markdown, with pages, slides and sheets as headings and tables as tables.
    pub text: String,
    /// The definitions of source code, outer ones before inner ones.
    pub sections: Vec<Section>,
    /// Which language it is in: `en`, or `rust` for source code. `None` when that cannot be told.
    pub language: Option<String>,
    /// What was lost or guessed on the way, for people.
    pub warnings: Vec<String>,
}

/// Turns files into text. What is not plain text is parsed apart from this process, with limits: a hostile file fails alone.
#[async_trait]
pub trait DocumentParser: std::fmt::Debug + Send + Sync {
    /// What a file seems to be, from its ends and, between kinds of text, its name; refuses what no parser reads.
    fn look(&self, name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError>;
    /// Reads a file. Dropped before the end, nothing of the work goes on.
    async fn parse(&self, name: &str, bytes: Vec<u8>) -> Result<Parsed, ReadError>;
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
    /// What it is, now that it was read.
    pub kind: ContentKind,
    /// What it calls itself, when it does.
    pub title: Option<String>,
    /// Its normalised text; see [`Parsed::text`].
    pub text: String,
    /// Which language it is in: `en`, or `rust` for source code. `None` when that cannot be told.
    pub language: Option<String>,
    /// What was lost or guessed on the way, for people.
    pub warnings: Vec<String>,
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
    /// What is given to the embedding model: the content under its headings (and, for the later parts of a table that was cut, under the
    /// table's head), as far as the model reads.
    pub embedded_text: String,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it but blanks.
    #[error("the file holds no text")]
    Empty,
    /// Neither UTF-8 nor any other encoding of text that is known.
    #[error("the file is not text in UTF-8, UTF-16 or Latin-1 (first bad byte at offset {0})")]
    NotUtf8(usize),
    /// A NUL byte: a binary file, or text that no database can keep.
    #[error("the file holds a NUL byte at offset {0}: it is not a text file")]
    Nul(usize),
    /// A kind that is known and not handled.
    #[error("{0} files are not read; md, txt, rst, html, pdf, docx, pptx, xlsx, csv, json, ipynb and source code are")]
    Unsupported(Cow<'static, str>),
    /// It opens with a password only.
    #[error("the file is encrypted: store it without a password and try again")]
    Encrypted,
    /// More of something than the parser may use.
    #[error("the file was given up: {0}")]
    Limit(String),
    /// The parser gave up.
    #[error("the file cannot be parsed: {0}")]
    Parse(String),
    /// The parser could not be run: nothing is said about the file, and another attempt may do.
    #[error("the parser could not be run: {0}")]
    Parser(String),
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
            Self::Encrypted => "document-encrypted",
            Self::Limit(_) => "document-too-costly",
            Self::Parse(_) => "document-unreadable",
            Self::Parser(_) => "parser-unavailable",
        }
    }
}

/// Reads files.
#[async_trait]
pub trait DocumentReader: Send + Sync {
    /// What a file seems to be, from its ends; see [`DocumentParser::look`].
    fn look(&self, name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError>;
    /// Looks at a file that is at hand whole: what it seems to be, and its hash.
    fn inspect(&self, name: &str, bytes: &[u8]) -> Result<Inspection, ReadError>;
    /// Normalises a file and cuts it into passages, off the threads that serve requests. The same bytes always give the same passages.
    async fn read(&self, name: &str, bytes: Vec<u8>) -> Result<Reading, ReadError>;
}
