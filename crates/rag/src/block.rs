//! The blocks of a text: what is kept whole when passages are cut.

use crate::form::Form;
use crate::heading::Heading;

/// A paragraph, list, table, code block or heading: bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_heading: bool,
    /// A definition begins here: what stands before it is about something else.
    pub(crate) is_definition: bool,
}

/// Cuts a text at empty lines and around headings, tables and fences. Together the blocks hold everything but blanks.
pub(crate) fn blocks(form: Form<'_>, text: &str, outline: &[Heading]) -> Vec<Block> {
    let has_markup = form == Form::Markdown;
    let mut scan = Scan { text, outline, open: None, fence: None, found: Vec::new() };
    let mut at = 0;
    for line in text.split('\n') {
        scan.line(at, line, has_markup);
        at += line.len() + 1;
    }
    scan.close(text.len());
    scan.found
}

struct Scan<'a> {
    text: &'a str,
    outline: &'a [Heading],
    open: Option<usize>,
    fence: Option<char>,
    found: Vec<Block>,
}

impl Scan<'_> {
    fn line(&mut self, at: usize, line: &str, has_markup: bool) {
        let trimmed = line.trim_start();
        if let Some(mark) = self.fence {
            if trimmed.starts_with(&mark.to_string().repeat(3)) {
                self.fence = None;
                self.close(at + line.len());
            }
            return;
        }
        let opens = ['`', '~'].into_iter().find(|mark| has_markup && trimmed.starts_with(&mark.to_string().repeat(3)));
        if opens.is_some() {
            self.close(at);
            self.fence = opens;
        } else if trimmed.is_empty()
            || self.outline.binary_search_by_key(&at, |heading| heading.at).is_ok()
            || (has_markup && self.is_cut_before(at, trimmed))
        {
            self.close(at);
        }
        if self.open.is_none() && !trimmed.is_empty() {
            self.open = Some(at);
        }
    }

    /// Whether the open block ends before this line: a heading of one line, or a table that begins or ends.
    fn is_cut_before(&self, at: usize, line: &str) -> bool {
        let Some(start) = self.open else { return false };
        let before = &self.text[start..at];
        let one_line_heading = before.trim_start().starts_with('#') && self.outline.iter().any(|heading| heading.at == start);
        let last = before.trim_end().rsplit('\n').next().unwrap_or_default().trim_start();
        one_line_heading || last.starts_with('|') != line.starts_with('|')
    }

    fn close(&mut self, at: usize) {
        let Some(start) = self.open.take() else { return };
        let end = start + self.text[start..at].trim_end().len();
        let is_heading = self.outline.binary_search_by_key(&start, |heading| heading.at).is_ok();
        self.found.push(Block { start, end, is_heading, is_definition: false });
    }
}
