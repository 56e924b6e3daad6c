//! How a text is written, as far as cutting it is concerned.

use commandcenter_domain::knowledge::{ContentKind, Parsed, Section};

/// What structures a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// Headings, fences and tables of Markdown.
    Markdown,
    /// Underlined titles.
    Underlined,
    /// Nothing but empty lines.
    Plain,
    /// Definitions.
    Code(&'a [Section]),
}

impl<'a> Form<'a> {
    /// The form of a document's text.
    pub(crate) fn of(parsed: &'a Parsed) -> Self {
        match parsed.kind {
            ContentKind::Plain => Self::Plain,
            ContentKind::Rst => Self::Underlined,
            ContentKind::Code => Self::Code(&parsed.sections),
            ContentKind::Markdown
            | ContentKind::Html
            | ContentKind::Pdf
            | ContentKind::Docx
            | ContentKind::Pptx
            | ContentKind::Xlsx
            | ContentKind::Csv
            | ContentKind::Json
            | ContentKind::Notebook => Self::Markdown,
        }
    }
}
