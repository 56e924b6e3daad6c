//! Checked input of the knowledge base.

use crate::shared::{Checker, Invalid, Limits, RepositoryId, SourceId, TechnologyId};

use super::{ContentKind, DocumentOrigin, DocumentStatus};

/// What a document is filed under. **Invariant:** trimmed, 1 to 100 characters, one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category(String);

impl Category {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] on `category`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let text = check.line("category", text, Limits { min: 1, max: 100 });
        check.finish(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Free labels. **Invariant:** at most 32, each trimmed, 1 to 64 characters, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags(Vec<String>);

impl Tags {
    /// Reads a comma-separated list; blank items are dropped.
    ///
    /// # Errors
    /// [`Invalid`] on `tags`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::checked(text.split(',').map(str::trim).filter(|part| !part.is_empty()))
    }

    /// Takes a list of labels.
    ///
    /// # Errors
    /// [`Invalid`] on `tags`.
    pub fn of(labels: &[String]) -> Result<Self, Invalid> {
        Self::checked(labels.iter().map(String::as_str))
    }

    fn checked<'a>(labels: impl Iterator<Item = &'a str>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let mut tags: Vec<String> = Vec::new();
        for label in labels {
            let tag = check.line("tags", label, Limits { min: 1, max: 64 });
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        if tags.len() > 32 {
            check.note("tags", "too_many", "must have at most 32 items");
        }
        check.finish(Self(tags))
    }

    /// The labels.
    #[must_use]
    pub fn into_inner(self) -> Vec<String> {
        self.0
    }
}

/// A question in a person's words. **Invariant:** trimmed, 1 to 2,000 characters, no NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QueryText(String);

impl QueryText {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] on `query`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let text = check.block("query", text, Limits { min: 1, max: 2000 });
        check.finish(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which documents a list shows; conditions combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Filed under this.
    pub category: Option<String>,
    /// Standing here.
    pub status: Option<DocumentStatus>,
    /// From there.
    pub origin: Option<DocumentOrigin>,
    /// Read from this repository.
    pub repository: Option<RepositoryId>,
    /// Brought by this source.
    pub source: Option<SourceId>,
    /// About this technology.
    pub technology: Option<TechnologyId>,
    /// With this label.
    pub tag: Option<String>,
    /// Of this kind.
    pub kind: Option<ContentKind>,
    /// In this language, as the document has it.
    pub language: Option<String>,
    /// Those that count as stale, or those that do not.
    pub is_stale: Option<bool>,
    /// Title or file name contains this, whatever the case.
    pub search: Option<String>,
}

/// What a list of documents can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentSort {
    /// When it was added.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// What it is called.
    Title,
    /// How far it can no longer be relied on.
    Staleness,
}

impl DocumentSort {
    /// The key with this name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "created_at" => Some(Self::CreatedAt),
            "updated_at" => Some(Self::UpdatedAt),
            "title" => Some(Self::Title),
            "staleness" => Some(Self::Staleness),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_trimmed_and_unique() {
        assert_eq!(Tags::parse(" a, b ,,a").unwrap().into_inner(), ["a", "b"]);
        assert!(Tags::parse(&"x".repeat(65)).is_err());
    }

    #[test]
    fn empty_and_oversized_queries_are_refused() {
        for text in ["", "  \n", "a\0b", &"q".repeat(2001)] {
            assert!(QueryText::parse(text).is_err());
        }
    }
}
