//! What a file is, told from its bytes. The name only decides between kinds of text.

use commandcenter_domain::knowledge::{ContentKind, Inspection, ReadError};
use sha2::{Digest, Sha256};

/// How much of a file is looked at for marks of its kind.
const HEAD: usize = 4096;

/// Looks at a file: its kind and its hash, or why it is not text that can be read.
pub(crate) fn inspect(name: &str, bytes: &[u8]) -> Result<Inspection, ReadError> {
    let text = as_text(bytes)?;
    Ok(Inspection { kind: kind(name, text), content_hash: hex::encode(Sha256::digest(bytes)) })
}

/// The bytes as text, without a byte order mark.
pub(crate) fn as_text(bytes: &[u8]) -> Result<&str, ReadError> {
    const FOREIGN: [(&[u8], &str); 5] = [
        (b"%PDF-", "PDF"),
        (b"PK\x03\x04", "office and archive"),
        (b"\x89PNG", "image"),
        (b"\xff\xd8\xff", "image"),
        (b"\x1f\x8b", "compressed"),
    ];
    if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(ReadError::Unsupported(what));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(ReadError::Nul(at));
    }
    let text = std::str::from_utf8(bytes).map_err(|err| ReadError::NotUtf8(err.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() { Err(ReadError::Empty) } else { Ok(text) }
}

/// What a text is.
pub(crate) fn kind(name: &str, text: &str) -> ContentKind {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text[..end].to_lowercase();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    let has_tags = head.contains("<p") || head.contains("<div") || head.contains("<h1") || head.contains("<table");
    if is_page(&head) || (matches!(extension.as_str(), "html" | "htm" | "xhtml") && has_tags) {
        return ContentKind::Html;
    }
    match extension.as_str() {
        "md" | "markdown" | "mdx" => ContentKind::Markdown,
        "rst" | "rest" => ContentKind::Rst,
        "txt" | "text" => ContentKind::Plain,
        _ if looks_like_markdown(&head) => ContentKind::Markdown,
        _ => ContentKind::Plain,
    }
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

fn looks_like_markdown(head: &str) -> bool {
    let heading = |line: &str| line.starts_with("# ") || line.starts_with("## ");
    head.lines().any(|line| heading(line) || line.starts_with("```")) || head.contains("](")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_the_name_breaks_ties() {
        let cases = [
            ("page.md", "<!-- c -->\n<!DOCTYPE html><html><body>x</body></html>", ContentKind::Html),
            ("page.html", "no tags at all", ContentKind::Plain),
            ("part.html", "<div>fragment</div>", ContentKind::Html),
            ("a.txt", "# not a heading here", ContentKind::Plain),
            ("README", "# Title\n\ntext", ContentKind::Markdown),
            ("index.rst", "Title\n=====\n", ContentKind::Rst),
            ("notes", "just words", ContentKind::Plain),
        ];
        for (name, text, expected) in cases {
            assert_eq!(inspect(name, text.as_bytes()).unwrap().kind, expected, "{name}");
        }
    }

    #[test]
    fn what_is_not_text_is_refused_with_the_place() {
        assert_eq!(inspect("a.txt", b"abc\0").unwrap_err(), ReadError::Nul(3));
        assert_eq!(inspect("a.txt", b"ab\xff").unwrap_err(), ReadError::NotUtf8(2));
        assert_eq!(inspect("a.md", b"%PDF-1.7 ..").unwrap_err(), ReadError::Unsupported("PDF"));
        assert_eq!(inspect("a.md", b" \n\t ").unwrap_err(), ReadError::Empty);
        assert_eq!(inspect("a.md", "\u{feff}".as_bytes()).unwrap_err(), ReadError::Empty);
    }
}
