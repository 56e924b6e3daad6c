//! What a file seems to be, told from its two ends. The name only decides between kinds of text.

use std::borrow::Cow;

use commandcenter_domain::knowledge::{ContentKind, ReadError, Sample};

use crate::code::language;
use crate::text;

/// How much of a text is looked at for marks of its kind.
const HEAD: usize = 4096;

/// First bytes of files that hold no text that is read here.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"RIFF", "media"),
    (b"ID3", "media"),
    (b"\x1f\x8b", "compressed"),
    (b"BZh", "compressed"),
    (b"\xfd7zXZ\0", "compressed"),
    (b"7z\xbc\xaf\x27\x1c", "compressed"),
    (b"Rar!", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"SQLite format 3\0", "database"),
    (b"{\\rtf", "RTF"),
];

/// What a file seems to be.
pub(crate) fn look(name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError> {
    let head = sample.head;
    // Some writers put a line in front of the mark; readers of PDF allow that.
    if find(&head[..head.len().min(1024)], b"%PDF-").is_some() {
        return Ok(ContentKind::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") {
        return office(name, sample);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(compound(sample));
    }
    if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(ReadError::Unsupported((*what).into()));
    }
    let is_whole = head.len() < Sample::EDGE;
    let decoded = text::decode(if is_whole { head } else { whole_lines(head) })?;
    if is_whole && decoded.text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(text_kind(name, &decoded.text))
}

/// Which of the kinds of text a text is.
pub(crate) fn text_kind(name: &str, text: &str) -> ContentKind {
    let extension = extension(name);
    let start = lower_head(text);
    if is_page(&start) || (matches!(extension.as_str(), "html" | "htm" | "xhtml") && has_tags(&start)) {
        return ContentKind::Html;
    }
    match extension.as_str() {
        "md" | "markdown" | "mdx" => return ContentKind::Markdown,
        "rst" | "rest" => return ContentKind::Rst,
        "csv" | "tsv" | "tab" if !looks_like_json(&start) => return ContentKind::Csv,
        _ => {}
    }
    if language::of(name, text).is_some() && !matches!(extension.as_str(), "json" | "ipynb") {
        return ContentKind::Code;
    }
    if looks_like_json(&start) {
        let is_notebook = extension == "ipynb" || (start.contains("\"cells\"") && start.contains("\"cell_type\""));
        return if is_notebook { ContentKind::Notebook } else { ContentKind::Json };
    }
    match extension.as_str() {
        "txt" | "text" | "log" => ContentKind::Plain,
        _ if looks_like_markdown(&start) => ContentKind::Markdown,
        _ => ContentKind::Plain,
    }
}

/// What follows the last dot of a name, in lower case.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}

/// Which office document an archive is: its members say so. A damaged one, whose members are out of sight, goes by its name, and its parser
/// will say what is wrong with it.
fn office(name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError> {
    let holds = |member: &[u8]| find(sample.tail, member).is_some() || find(sample.head, member).is_some();
    let members: [(&[u8], ContentKind); 3] =
        [(b"word/document", ContentKind::Docx), (b"ppt/presentation", ContentKind::Pptx), (b"xl/workbook", ContentKind::Xlsx)];
    if let Some((_, kind)) = members.into_iter().find(|(member, _)| holds(member)) {
        return Ok(kind);
    }
    match extension(name).as_str() {
        "docx" | "docm" => Ok(ContentKind::Docx),
        "pptx" | "pptm" => Ok(ContentKind::Pptx),
        "xlsx" | "xlsm" => Ok(ContentKind::Xlsx),
        _ => Err(ReadError::Unsupported(Cow::Borrowed("archive"))),
    }
}

/// The container of old office files is also that of encrypted new ones.
fn compound(sample: Sample<'_>) -> ReadError {
    let mark: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let is_encrypted = find(sample.head, &mark).is_some() || find(sample.tail, &mark).is_some();
    if is_encrypted { ReadError::Encrypted } else { ReadError::Unsupported(Cow::Borrowed("doc, xls and ppt")) }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A beginning that was cut off anywhere, without the character that was cut.
fn whole_lines(head: &[u8]) -> &[u8] {
    let end = head.iter().rposition(|&byte| byte == b'\n').unwrap_or_else(|| match std::str::from_utf8(head) {
        Err(err) if err.error_len().is_none() => err.valid_up_to(),
        _ => head.len(),
    });
    // Two bytes a character in UTF-16.
    &head[..end & !1]
}

fn lower_head(text: &str) -> String {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_lowercase()
}

fn has_tags(head: &str) -> bool {
    ["<p", "<div", "<h1", "<table"].iter().any(|tag| head.contains(tag))
}

/// Whether it begins as a web page does: declaration, comments and white space aside.
fn is_page(head: &str) -> bool {
    let mut rest = head.trim_start();
    while let Some(after) = rest.strip_prefix("<!--").and_then(|open| open.split_once("-->")).map(|(_, after)| after) {
        rest = after.trim_start();
    }
    if rest.starts_with("<?xml") {
        rest = rest.split_once("?>").map_or("", |(_, after)| after).trim_start();
    }
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| rest.starts_with(mark))
}

/// An object, or a list of objects, lists, texts or numbers. A line that begins with a link does not count.
fn looks_like_json(head: &str) -> bool {
    let mut marks = head.chars().filter(|c| !c.is_whitespace());
    match (marks.next(), marks.next()) {
        (Some('{'), Some('"' | '}')) => true,
        (Some('['), Some(c)) => matches!(c, '{' | '[' | '"' | '-' | ']') || c.is_ascii_digit(),
        _ => false,
    }
}

fn looks_like_markdown(head: &str) -> bool {
    let heading = |line: &str| line.starts_with("# ") || line.starts_with("## ");
    head.lines().any(|line| heading(line) || line.starts_with("```")) || head.contains("](")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, bytes: &[u8]) -> Result<ContentKind, ReadError> {
        look(name, Sample::of(bytes))
    }

    #[test]
    fn content_decides_and_the_name_breaks_ties() {
        let cases: &[(&str, &[u8], ContentKind)] = &[
            ("page.md", b"<!-- c -->\n<!DOCTYPE html><html><body>x</body></html>", ContentKind::Html),
            ("page.html", b"no tags at all", ContentKind::Plain),
            ("part.html", b"<div>fragment</div>", ContentKind::Html),
            ("a.txt", b"# not a heading here", ContentKind::Plain),
            ("README", b"# Title\n\ntext", ContentKind::Markdown),
            ("index.rst", b"Title\n=====\n", ContentKind::Rst),
            ("notes", b"just words", ContentKind::Plain),
            ("report.txt", b"%PDF-1.7\n...", ContentKind::Pdf),
            ("a.csv", b"PK\x03\x04....word/document.xml", ContentKind::Docx),
            ("a.docx", b"PK\x03\x04....xl/workbook.xml", ContentKind::Xlsx),
            ("a.pptx", b"PK\x03\x04 cut", ContentKind::Pptx),
            ("data.txt", b"{\"a\": 1}", ContentKind::Json),
            ("note.md", b"[a link](x.md)", ContentKind::Markdown),
            ("links", b"[a link](x.md)", ContentKind::Markdown),
            ("a.ipynb", b"{\"cells\": []}", ContentKind::Notebook),
            ("t.csv", b"a,b\n1,2\n", ContentKind::Csv),
            ("lib.rs", b"fn main() {}\n", ContentKind::Code),
            ("run", b"#!/usr/bin/env python3\nprint(1)\n", ContentKind::Code),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(kind(name, bytes).unwrap(), *expected, "{name}");
        }
    }

    #[test]
    fn what_is_not_read_is_refused_with_the_reason() {
        assert_eq!(kind("a.txt", b"abc\0").unwrap_err(), ReadError::Nul(3));
        assert_eq!(kind("a.md", b" \n\t ").unwrap_err(), ReadError::Empty);
        assert_eq!(kind("a.md", b"").unwrap_err(), ReadError::Empty);
        assert_eq!(kind("a.md", "\u{feff}".as_bytes()).unwrap_err(), ReadError::Empty);
        assert_eq!(kind("a.txt", b"\x89PNG\r\n").unwrap_err(), ReadError::Unsupported("image".into()));
        assert_eq!(kind("a.docx", b"PK\x03\x04 readme.txt").unwrap(), ContentKind::Docx);
        assert_eq!(kind("a.zip", b"PK\x03\x04 readme.txt").unwrap_err(), ReadError::Unsupported("archive".into()));
        let mut sealed = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        assert!(matches!(kind("a.doc", &sealed).unwrap_err(), ReadError::Unsupported(_)));
        sealed.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(kind("a.docx", &sealed).unwrap_err(), ReadError::Encrypted);
    }

    #[test]
    fn a_long_text_is_looked_at_without_the_character_that_was_cut() {
        let text = "é".repeat(Sample::EDGE);
        assert_eq!(kind("a.txt", text.as_bytes()).unwrap(), ContentKind::Plain);
    }
}
