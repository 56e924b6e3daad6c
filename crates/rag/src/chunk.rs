//! Text cut into passages along its structure.

use commandcenter_domain::knowledge::{ContentKind, Passage, Span};
use text_splitter::{ChunkCapacity, ChunkConfig, MarkdownSplitter, TextSplitter};

use crate::block::{Block, blocks};
use crate::heading::{Heading, outline, path_at};
use crate::model::MAX_TOKENS;
use crate::tokens::{SPECIAL, Sizer};

/// A passage is as long as this when the text allows: long enough to answer, short enough to be about one thing and quick to embed.
const DESIRED: usize = 80;
/// No passage is longer: what the model reads, less its special tokens and some room for headings above the text.
const MAX: usize = 208;
/// Bytes that are cut into passages at once.
const WINDOW: usize = 4096;

/// Cuts a normalised text into passages that cover all of it but blanks, in order and without overlap. Code blocks, tables and paragraphs
/// that fit stay whole, and what a heading rules is never joined with what stands before it. The same text always gives the same passages.
pub(crate) fn passages(kind: ContentKind, text: &str, sizer: &Sizer) -> Vec<Passage> {
    let outline = outline(kind, text);
    let mut chars = Chars { text, byte: 0, char: 0 };
    let mut merge = Merge { kind, text, sizer, open: None, found: Vec::new() };
    for block in blocks(kind, text, &outline) {
        merge.add(block);
    }
    merge.flush();
    merge.found.into_iter().map(|(start, end)| passage(&outline, &mut chars, (start, &text[start..end]), sizer)).collect()
}

/// Joins blocks until a passage is long enough.
struct Merge<'a> {
    kind: ContentKind,
    text: &'a str,
    sizer: &'a Sizer,
    open: Option<Open>,
    found: Vec<(usize, usize)>,
}

/// A passage in the making.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    end: usize,
    tokens: usize,
    only_headings: bool,
}

impl Merge<'_> {
    fn add(&mut self, block: Block) {
        let tokens = self.sizer.count(&self.text[block.start..block.end]);
        if self.open.is_some_and(|open| open.is_done_before(block, tokens)) {
            self.flush();
        }
        let before = self.open.unwrap_or(Open { start: block.start, end: block.end, tokens: 0, only_headings: true });
        let joined =
            Open { end: block.end, tokens: before.tokens + tokens, only_headings: before.only_headings && block.is_heading, ..before };
        if joined.tokens > MAX {
            self.open = None;
            self.split(joined.start, joined.end);
        } else {
            self.open = Some(joined);
        }
    }

    fn flush(&mut self) {
        if let Some(open) = self.open.take() {
            self.found.push((open.start, open.end));
        }
    }

    /// Cuts what is too long for one passage, a window at a time: the splitter's work grows with the square of an unbroken run.
    fn split(&mut self, mut start: usize, end: usize) {
        while start < end {
            let upto = window_end(self.text, start, end);
            self.split_window(start, upto);
            start = upto;
        }
    }

    /// Cuts at sentences, lines and words.
    fn split_window(&mut self, start: usize, end: usize) {
        let capacity = ChunkCapacity::new(DESIRED).with_max(MAX).unwrap_or(ChunkCapacity::new(DESIRED));
        let config = ChunkConfig::new(capacity).with_sizer(self.sizer.clone());
        let text = &self.text[start..end];
        let pieces: Vec<(usize, &str)> = match self.kind {
            ContentKind::Markdown | ContentKind::Html => MarkdownSplitter::new(config).chunk_indices(text).collect(),
            ContentKind::Rst | ContentKind::Plain => TextSplitter::new(config).chunk_indices(text).collect(),
        };
        self.found.extend(pieces.into_iter().map(|(at, piece)| (start + at, start + at + piece.len())));
    }
}

/// Where a window that begins at `start` ends: behind its last line or word, or in the middle of a run that has neither.
fn window_end(text: &str, start: usize, end: usize) -> usize {
    if end - start <= WINDOW {
        return end;
    }
    let mut upto = start + WINDOW;
    while !text.is_char_boundary(upto) {
        upto -= 1;
    }
    let window = &text[start..upto];
    let cut = window.rfind('\n').filter(|&at| at > WINDOW / 2).or_else(|| window.rfind(' ').filter(|&at| at > WINDOW / 2));
    cut.map_or(upto, |at| start + at + 1)
}

impl Open {
    /// Headings never end a passage: they go with what they rule.
    fn is_done_before(&self, block: Block, tokens: usize) -> bool {
        if self.only_headings {
            return false;
        }
        let too_long = self.tokens + tokens > MAX;
        too_long || self.tokens >= DESIRED || block.is_heading
    }
}

fn passage(outline: &[Heading], chars: &mut Chars<'_>, (at, content): (usize, &str), sizer: &Sizer) -> Passage {
    let heading_path = path_at(outline, at);
    let tokens = sizer.count(content);
    let span = Span { start: chars.upto(at), end: chars.upto(at + content.len()) };
    let above = context(&heading_path, content, (MAX_TOKENS - SPECIAL).saturating_sub(tokens), sizer);
    let embedded_text = if above.is_empty() { content.to_owned() } else { format!("{above}\n{content}") };
    let token_count = i32::try_from(tokens + SPECIAL).unwrap_or(i32::MAX);
    Passage { content: content.to_owned(), heading_path, span, token_count, embedded_text }
}

/// The headings that say what the passage is about, innermost first to go in, as many as there is room for.
fn context(path: &[String], content: &str, room: usize, sizer: &Sizer) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 0;
    for title in path.iter().rev().filter(|title| !content.contains(title.as_str())) {
        used += sizer.count(title) + 2;
        if used > room {
            break;
        }
        kept.push(title);
    }
    kept.reverse();
    kept.join(" > ")
}

/// Turns byte offsets that only grow into offsets of code points, in one pass over the text.
struct Chars<'a> {
    text: &'a str,
    byte: usize,
    char: u64,
}

impl Chars<'_> {
    fn upto(&mut self, byte: usize) -> u64 {
        let passed = self.text.get(self.byte..byte).map_or(0, |passed| passed.chars().count());
        self.char += u64::try_from(passed).unwrap_or(u64::MAX);
        self.byte = self.byte.max(byte);
        self.char
    }
}

#[cfg(test)]
#[path = "chunk_tests.rs"]
mod tests;
