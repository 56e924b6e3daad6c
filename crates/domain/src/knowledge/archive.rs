//! A knowledge base as a file: documents with their passages and vectors, to be taken elsewhere or kept.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::shared::{Checker, Invalid, Limits, Timestamp};

use super::{Category, ContentKind, Span, Tags};

/// Characters of a key.
const LONGEST_KEY: usize = 2_000;
/// Headings above a passage.
const MOST_HEADINGS: usize = 32;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveHeader {
    /// The model that made the vectors.
    pub model: String,
    /// Numbers in a vector.
    pub dimension: usize,
    /// When it was made.
    pub exported_at: Timestamp,
}

/// A document in an archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedDocument {
    /// What tells it from others: the same document has the same key in every archive of its project.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether a person gave it its title.
    pub title_is_given: bool,
    /// The category it is filed under.
    pub category: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// The file's name without folders.
    pub filename: String,
    /// Path within the repository it came from.
    pub path: Option<String>,
    /// Where people can read it.
    pub url: Option<String>,
    /// What its bytes were.
    pub content_type: ContentKind,
    /// Bytes that it was read from.
    pub size: i64,
    /// SHA-256 of those bytes, in hex.
    pub content_hash: String,
    /// Which language it is in.
    pub language: Option<String>,
    /// What was lost or guessed when it was read.
    pub warnings: Vec<String>,
    /// The normalised text.
    pub text: String,
    /// Its passages, in order.
    pub passages: Vec<ArchivedPassage>,
}

/// A passage in an archive. Its text is what its span covers of the document's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedPassage {
    /// Where in the document's text it is, in code points.
    pub span: Span,
    /// The headings above it, outermost first.
    pub heading_path: Vec<String>,
    /// Tokens of the embedding model.
    pub token_count: i32,
    /// SHA-256 of the text that its vector is made of, in hex.
    pub text_hash: String,
    /// Whether it has a vector.
    pub is_embedded: bool,
    /// The vector; kept beside the document and not in it.
    #[serde(skip)]
    pub vector: Option<Vec<f32>>,
}

impl ArchivedDocument {
    /// Refuses what this installation would not have written itself.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut check = Checker::new();
        check.line("key", &self.key, Limits { min: 1, max: LONGEST_KEY });
        check.line("title", &self.title, Limits { min: 1, max: 500 });
        check.line("filename", &self.filename, Limits { min: 1, max: 255 });
        check.optional_line("path", self.path.as_deref(), LONGEST_KEY);
        check.optional_line("url", self.url.as_deref(), LONGEST_KEY);
        check.optional_line("language", self.language.as_deref(), 32);
        if !is_hash(&self.content_hash) {
            check.note("content_hash", "invalid", "must be a SHA-256 in hex");
        }
        if self.text.contains('\0') || self.size < 0 {
            check.note("text", "invalid", "must hold no NUL");
        }
        self.check_passages(&mut check);
        let filed = [Category::parse(&self.category).err(), Tags::of(&self.tags).err()];
        let mut errors = check.finish(()).err().map(|invalid| invalid.0).unwrap_or_default();
        errors.extend(filed.into_iter().flatten().flat_map(|invalid| invalid.0));
        if errors.is_empty() { Ok(()) } else { Err(Invalid(errors)) }
    }

    fn check_passages(&self, check: &mut Checker) {
        let length = u64::try_from(self.text.chars().count()).unwrap_or(u64::MAX);
        let fits = |passage: &ArchivedPassage| passage.span.start < passage.span.end && passage.span.end <= length;
        if !self.passages.iter().all(fits) {
            check.note("passages", "out_of_range", "must lie within the text");
        }
        let is_sound = |passage: &ArchivedPassage| {
            passage.token_count >= 0 && passage.heading_path.len() <= MOST_HEADINGS && is_hash(&passage.text_hash)
        };
        if !self.passages.iter().all(is_sound) {
            check.note("passages", "invalid", "must have a token count, a hash, and at most 32 headings");
        }
    }

    /// The text of each passage, in order.
    #[must_use]
    pub fn passage_texts(&self) -> Vec<String> {
        // One pass over the text: where its code points begin.
        let starts: Vec<usize> = self.text.char_indices().map(|(at, _)| at).chain(std::iter::once(self.text.len())).collect();
        let at = |place: u64| usize::try_from(place).ok().and_then(|place| starts.get(place)).copied();
        let text = |span: Span| Some(self.text[at(span.start)?..at(span.end)?].to_owned());
        self.passages.iter().map(|passage| text(passage.span).unwrap_or_default()).collect()
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Why an archive was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// More bytes than are taken in.
    #[error("the archive has more than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// It is not what an export writes, or was changed since.
    #[error("{0}")]
    Unsound(String),
    /// The disk is full.
    #[error("the disk is full")]
    Full(#[source] std::io::Error),
    /// The disk failed.
    #[error("the archive could not be written or read")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Writes and reads archives.
#[async_trait]
pub trait Archives: Send + Sync {
    /// Begins one.
    fn pack(&self, header: ArchiveHeader) -> Box<dyn Packing>;
    /// Begins to receive one.
    async fn receive(&self) -> Result<Box<dyn ArchiveReceiving>, ArchiveError>;
}

/// An archive being written, a document at a time.
#[async_trait]
pub trait Packing: Send {
    /// Adds a document. Answers the bytes that can be sent on.
    async fn add(&mut self, document: ArchivedDocument) -> Result<Vec<u8>, ArchiveError>;
    /// Ends it: the last bytes, with the checksums of everything before.
    async fn finish(self: Box<Self>) -> Result<Vec<u8>, ArchiveError>;
}

/// An archive on its way in. Dropped, nothing of it remains.
#[async_trait]
pub trait ArchiveReceiving: Send {
    /// Appends bytes as they come.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError>;
    /// Checks the whole: every file against its checksum, every document against the rules.
    async fn open(self: Box<Self>) -> Result<Box<dyn OpenArchive>, ArchiveError>;
}

/// An archive that was found sound.
#[async_trait]
pub trait OpenArchive: Send {
    /// What it says of itself.
    fn header(&self) -> &ArchiveHeader;
    /// How many documents it holds.
    fn documents(&self) -> usize;
    /// The document at that place, from 0, with its vectors.
    async fn document(&mut self, at: usize) -> Result<ArchivedDocument, ArchiveError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> ArchivedDocument {
        let hash = "a".repeat(64);
        let passage = |start, end| ArchivedPassage {
            span: Span { start, end },
            heading_path: Vec::new(),
            token_count: 3,
            text_hash: hash.clone(),
            is_embedded: false,
            vector: None,
        };
        ArchivedDocument {
            key: "upload:a.txt".to_owned(),
            title: "A".to_owned(),
            title_is_given: false,
            category: "docs".to_owned(),
            tags: Vec::new(),
            filename: "a.txt".to_owned(),
            path: None,
            url: None,
            content_type: ContentKind::Plain,
            size: 5,
            content_hash: hash.clone(),
            language: None,
            warnings: Vec::new(),
            text: "\u{DC}ber uns".to_owned(),
            passages: vec![passage(0, 4), passage(5, 8)],
        }
    }

    #[test]
    fn passages_are_cut_by_code_points() {
        assert!(document().check().is_ok());
        assert_eq!(document().passage_texts(), ["\u{DC}ber", "uns"]);
    }

    #[test]
    fn what_we_would_not_write_is_refused() {
        let mut wrong = document();
        wrong.passages[1].span.end = 9;
        assert!(wrong.check().is_err());
        for change in [
            (|d: &mut ArchivedDocument| d.category.clear()) as fn(&mut ArchivedDocument),
            |d| d.text.push('\0'),
            |d| d.content_hash.push('x'),
            |d| d.title = "x".repeat(501),
            |d| d.passages[0].token_count = -1,
            |d| d.tags = vec!["x".repeat(65)],
        ] {
            let mut wrong = document();
            change(&mut wrong);
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
