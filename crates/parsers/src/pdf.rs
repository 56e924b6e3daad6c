//! PDF: the text of each page under a heading of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use commandcenter_domain::knowledge::ReadError;
use lopdf::{Document, Object};
use pdf_extract::{PlainTextOutput, output_doc_page};

use crate::parse::Draft;
use crate::table::plain_line;

/// A document with more objects is an attack on the memory of its reader.
const MAX_OBJECTS: usize = 500_000;
/// More pages than any book.
const MAX_PAGES: usize = 20_000;

/// The text.
pub(crate) fn read(bytes: &[u8]) -> Result<Draft, ReadError> {
    if objects(bytes) > MAX_OBJECTS {
        return Err(too_many_objects());
    }
    let mut document = Document::load_mem(bytes).map_err(|err| sort(&err))?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(ReadError::Encrypted);
    }
    if document.objects.len() > MAX_OBJECTS {
        return Err(too_many_objects());
    }
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    if numbers.is_empty() {
        return Err(ReadError::Parse("it has no pages, or its list of pages is damaged".to_owned()));
    }
    if numbers.len() > MAX_PAGES {
        return Err(ReadError::Limit(format!("it has more than {MAX_PAGES} pages")));
    }
    pages(&document, &numbers)
}

fn pages(document: &Document, numbers: &[u32]) -> Result<Draft, ReadError> {
    let (mut text, mut damaged, mut silent) = (String::new(), Vec::new(), Vec::new());
    for &number in numbers {
        match page(document, number) {
            Some(page) if page.trim().is_empty() => silent.push(number),
            Some(page) => {
                text.push_str(&format!("## Page {number}\n\n{page}\n\n"));
            }
            None => damaged.push(number),
        }
    }
    if text.is_empty() && damaged.is_empty() {
        return Err(ReadError::Parse("its pages hold no text, only pictures: text in pictures is not read".to_owned()));
    }
    if text.is_empty() {
        return Err(ReadError::Parse("none of its pages can be read".to_owned()));
    }
    let mut warnings = Vec::new();
    if !damaged.is_empty() {
        warnings.push(format!("{} could not be read", listed(&damaged)));
    }
    if !silent.is_empty() {
        warnings.push(format!("{} hold no text, only pictures or nothing", listed(&silent)));
    }
    Ok(Draft { title: title(document), text, warnings, language: None })
}

/// The text of one page. Its parser panics on much that is wrong; that costs the page, not the document.
fn page(document: &Document, number: u32) -> Option<String> {
    let read = || {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        output_doc_page(document, &mut output, number).ok()?;
        Some(text)
    };
    let text = catch_unwind(AssertUnwindSafe(read)).ok().flatten()?;
    Some(paragraphs(&text))
}

/// Lines without marks that would be read as markup; a word that was cut at the end of its line is whole again.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        let is_continued =
            out.ends_with("-\n") && line.starts_with(char::is_lowercase) && out.trim_end_matches("-\n").ends_with(char::is_alphabetic);
        if is_continued {
            out.truncate(out.len() - 2);
        }
        out.push_str(&plain_line(line));
        out.push('\n');
    }
    out
}

/// The title among the document's properties.
fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let info = match info {
        Object::Reference(id) => document.get_dictionary(*id).ok()?,
        Object::Dictionary(dictionary) => dictionary,
        _ => return None,
    };
    let title = lopdf::decode_text_string(info.get(b"Title").ok()?).ok()?;
    // Word processors put the file's name there.
    let is_file = [".doc", ".docx", ".tex", ".dvi", ".indd"].iter().any(|ending| title.to_lowercase().ends_with(ending));
    (!is_file && !title.trim().is_empty()).then_some(title)
}

fn listed(numbers: &[u32]) -> String {
    let some: Vec<String> = numbers.iter().take(10).map(u32::to_string).collect();
    let more = if numbers.len() > 10 { format!(" and {} more", numbers.len() - 10) } else { String::new() };
    format!("pages {}{more}", some.join(", "))
}

/// How many objects the file declares; those inside compressed streams are counted once they are open.
fn objects(bytes: &[u8]) -> usize {
    bytes.windows(5).filter(|window| *window == b" obj\n" || *window == b" obj\r" || *window == b" obj<" || *window == b" obj ").count()
}

fn too_many_objects() -> ReadError {
    ReadError::Limit(format!("it has more than {MAX_OBJECTS} objects"))
}

/// An encrypted document is told from a damaged one by what the reader says of it.
fn sort(err: &lopdf::Error) -> ReadError {
    let said = err.to_string();
    let lower = said.to_lowercase();
    let is_sealed = ["password", "decrypt", "encrypt", "security handler"].iter().any(|word| lower.contains(word));
    if is_sealed { ReadError::Encrypted } else { ReadError::Parse(said) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cut_at_the_end_of_a_line_are_joined() {
        assert_eq!(paragraphs("exam-\nple of\nTop-\nDown\n# x\n"), "example of\nTop-\nDown\n\\# x\n");
    }
}
