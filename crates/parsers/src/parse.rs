//! A file's bytes, by kind, to the parser that reads them.

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ContentKind, DocumentParser, Parsed, ReadError, Sample};

use crate::code::language;
use crate::kind::{look, text_kind};
use crate::normalise::normalise;
use crate::{code, csv_table, html, json, natural, notebook, office, pdf, text};

/// Most bytes of text that a document may come to. More would take longer to index than anyone waits for.
const MAX_TEXT: usize = 64 * 1024 * 1024;
/// More warnings tell nobody anything new.
const MAX_WARNINGS: usize = 20;

/// What a parser makes of a file, before its text is brought into the normal form.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: Option<String>,
    pub(crate) text: String,
    pub(crate) language: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// Reads a file in this process.
///
/// # Errors
/// Why it cannot be read.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Parsed, ReadError> {
    match look(name, Sample::of(bytes))? {
        ContentKind::Pdf => finish(ContentKind::Pdf, pdf::read(bytes)?),
        ContentKind::Docx => finish(ContentKind::Docx, office::docx(bytes)?),
        ContentKind::Pptx => finish(ContentKind::Pptx, office::pptx(bytes)?),
        ContentKind::Xlsx => finish(ContentKind::Xlsx, office::xlsx(bytes)?),
        ContentKind::Markdown
        | ContentKind::Html
        | ContentKind::Rst
        | ContentKind::Plain
        | ContentKind::Csv
        | ContentKind::Json
        | ContentKind::Notebook
        | ContentKind::Code => parse_text(name, bytes),
    }
}

fn parse_text(name: &str, bytes: &[u8]) -> Result<Parsed, ReadError> {
    let decoded = text::decode(bytes)?;
    if decoded.text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let raw = decoded.text;
    let kind = text_kind(name, &raw);
    let (kind, mut draft) = match kind {
        ContentKind::Html => (kind, html::read(&raw)?),
        ContentKind::Csv => (kind, csv_table::read(&raw)?),
        ContentKind::Json => {
            json::read(&raw).map_or_else(|problem| (ContentKind::Plain, as_it_is(raw, Some(problem))), |draft| (kind, draft))
        }
        ContentKind::Notebook => {
            notebook::read(&raw).map_or_else(|problem| (ContentKind::Plain, as_it_is(raw, Some(problem))), |draft| (kind, draft))
        }
        ContentKind::Code => (kind, Draft { language: language::of(name, &raw).map(|found| found.name.to_owned()), ..as_it_is(raw, None) }),
        // Kinds that are no text are read elsewhere.
        ContentKind::Markdown
        | ContentKind::Rst
        | ContentKind::Plain
        | ContentKind::Pdf
        | ContentKind::Docx
        | ContentKind::Pptx
        | ContentKind::Xlsx => (kind, as_it_is(raw, None)),
    };
    draft.warnings.extend(decoded.warning);
    finish(kind, draft)
}

/// Text that needs no parser, or that its parser could not read.
fn as_it_is(text: String, problem: Option<String>) -> Draft {
    Draft { text, warnings: problem.into_iter().collect(), ..Draft::default() }
}

fn finish(kind: ContentKind, draft: Draft) -> Result<Parsed, ReadError> {
    let Draft { title, text, language, mut warnings } = draft;
    if text.len() > MAX_TEXT {
        return Err(ReadError::Limit(format!("it holds more than {} MiB of text", MAX_TEXT >> 20)));
    }
    let text = normalise(&text);
    if text.is_empty() {
        return Err(ReadError::Empty);
    }
    if warnings.len() > MAX_WARNINGS {
        let more = warnings.len() - MAX_WARNINGS;
        warnings.truncate(MAX_WARNINGS);
        warnings.push(format!("and {more} more"));
    }
    let sections = language.as_deref().filter(|_| kind == ContentKind::Code).map(|name| code::sections(name, &text)).unwrap_or_default();
    let language = language.or_else(|| natural::language(&text));
    let title = title.map(|title| normalise(&title).replace('\n', " ")).filter(|title| !title.is_empty());
    Ok(Parsed { kind, title, text, sections, language, warnings })
}

/// Whether text of this kind is read without a parser that a hostile file could abuse.
pub(crate) const fn is_harmless(kind: ContentKind) -> bool {
    matches!(kind, ContentKind::Markdown | ContentKind::Rst | ContentKind::Plain)
}

/// Reads every file in this process: for tools and tests that trust their files.
#[derive(Debug, Clone, Copy, Default)]
pub struct InPlaceParser;

#[async_trait]
impl DocumentParser for InPlaceParser {
    fn look(&self, name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError> {
        look(name, sample)
    }

    async fn parse(&self, name: &str, bytes: Vec<u8>) -> Result<Parsed, ReadError> {
        let name = name.to_owned();
        let parsed = tokio::task::spawn_blocking(move || parse(&name, &bytes)).await;
        // A panic in a parser is the file's fault as far as anyone can tell: the file fails, the process lives.
        parsed.unwrap_or_else(|_| Err(ReadError::Parse("the parser gave up".to_owned())))
    }
}
