//! An answer in prose, statement by statement, each held against the passages it leans on.

use crate::text_enum;

use super::citation::Mark;
use super::{Span, locate, read_marks};

/// What a model is told to say when the passages do not answer.
pub const NOT_IN_SOURCES: &str = "NOT_IN_SOURCES";
/// Words that a line without a claim has at most.
const LEAD_IN: usize = 12;

text_enum! {
    /// What becomes of a statement whose citation fails, or that has none.
    AskPolicy {
        /// It is shown and marked.
        Mark = "mark",
        /// It is left out and counted.
        Drop = "drop",
    }
}

text_enum! {
    /// How a statement stands to its sources.
    Support {
        /// Every citation's words are in the passage it names.
        Supported = "supported",
        /// A citation's words are not there, or it has no citation.
        Unsupported = "unsupported",
        /// A heading or a line that leads to a list: it claims nothing.
        Connective = "connective",
    }
}

text_enum! {
    /// Why a citation fails.
    CitationFault {
        /// No passage has that number.
        NoPassage = "no_passage",
        /// It quotes nothing.
        NoQuote = "no_quote",
        /// The passage does not say so.
        NotSaid = "not_said",
    }
}

/// A citation, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The passage's number in this answer, from 1.
    pub number: usize,
    /// The words it leans on.
    pub quote: Option<String>,
    /// Where the passage says them, in code points of the passage; or why it fails.
    pub found: Result<Span, CitationFault>,
}

/// A statement, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text without its marks, with the white space around it.
    pub text: String,
    /// Its citations.
    pub citations: Vec<Citation>,
    /// How it stands.
    pub support: Support,
}

impl Statement {
    /// Reads a statement's marks and holds each against the passage it names.
    #[must_use]
    pub fn check(statement: &str, passages: &[&str]) -> Self {
        let (text, marks) = read_marks(statement);
        let citations: Vec<_> = marks.into_iter().map(|mark| Citation::check(mark, passages)).collect();
        let support = match citations.as_slice() {
            [] if is_connective(&text) => Support::Connective,
            [] => Support::Unsupported,
            some if some.iter().all(|citation| citation.found.is_ok()) => Support::Supported,
            _ => Support::Unsupported,
        };
        Self { text, citations, support }
    }
}

impl Citation {
    fn check(Mark { number, quote }: Mark, passages: &[&str]) -> Self {
        let passage = number.checked_sub(1).and_then(|index| passages.get(index));
        let found = match (passage, quote.as_deref()) {
            (None, _) => Err(CitationFault::NoPassage),
            (Some(_), None) => Err(CitationFault::NoQuote),
            (Some(passage), Some(quote)) => locate(quote, passage).ok_or(CitationFault::NotSaid),
        };
        Self { number, quote, found }
    }
}

/// A short heading, or a short line that ends in a colon.
fn is_connective(text: &str) -> bool {
    let text = text.trim();
    let is_short = text.split_whitespace().count() <= LEAD_IN;
    let bare = text.trim_end_matches(['*', '_']);
    is_short && (text.starts_with('#') || bare.ends_with(':') || !text.contains(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSAGES: &[&str] = &["A lease lasts thirty seconds.", "A worker that dies loses its lease."];

    fn support(statement: &str) -> Support {
        Statement::check(statement, PASSAGES).support
    }

    #[test]
    fn every_citation_of_a_statement_must_hold() {
        assert_eq!(support("It lasts 30 s [1: \"lease lasts thirty seconds\"]."), Support::Supported);
        assert_eq!(support("It lasts 40 s [1: \"lease lasts forty seconds\"]."), Support::Unsupported);
        assert_eq!(support("Both [1: \"lease lasts thirty seconds\"][2: \"never loses its lease\"]."), Support::Unsupported);
        assert_eq!(support("It lasts 30 s [2: \"lease lasts thirty seconds\"]."), Support::Unsupported, "the words are in another passage");
        assert_eq!(support("It lasts 30 s."), Support::Unsupported);
    }

    #[test]
    fn a_failed_citation_says_why() {
        let fault = |statement: &str| Statement::check(statement, PASSAGES).citations[0].found;
        assert_eq!(fault("x [9: \"lease lasts thirty\"]"), Err(CitationFault::NoPassage));
        assert_eq!(fault("x [0: \"lease lasts thirty\"]"), Err(CitationFault::NoPassage));
        assert_eq!(fault("x [1]"), Err(CitationFault::NoQuote));
        assert_eq!(fault("x [1: \"leases are short\"]"), Err(CitationFault::NotSaid));
        assert_eq!(fault("x [1: \"lease lasts\"]"), Ok(Span { start: 2, end: 13 }));
    }

    #[test]
    fn a_line_without_a_claim_needs_no_source() {
        assert_eq!(support("## Leases\n"), Support::Connective);
        assert_eq!(support("**The steps:**\n"), Support::Connective);
        assert_eq!(support("---\n"), Support::Connective);
        assert_eq!(support("# A heading that is as long as a whole claim about leases and what they do"), Support::Unsupported);
    }
}
