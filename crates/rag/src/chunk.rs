//! Text cut into passages along its structure.

use commandcenter_domain::knowledge::{Passage, Span};
use text_splitter::{ChunkCapacity, ChunkConfig, MarkdownSplitter, TextSplitter};

use crate::block::{Block, blocks};
use crate::form::Form;
use crate::heading::{Heading, outline, path_at};
use crate::model::MAX_TOKENS;
use crate::tokens::{MAX_CHARS_PER_TOKEN, SPECIAL, Sizer};
use crate::{chunk_code, chunk_table};

/// A passage is as long as this when the text allows: long enough to answer, short enough to be about one thing and quick to embed.
const DESIRED: usize = 80;
/// No passage is longer: what the model reads, less its special tokens and some room for headings above the text.
const MAX: usize = 208;
/// Tokens that the parts of one paragraph share, so that a sentence at the edge is whole in one of them.
const OVERLAP: usize = 16;
/// A definition shorter than this is joined with what follows.
const MIN_DEFINITION: usize = 24;
/// A table's head longer than this is not repeated.
const MAX_TABLE_HEAD: usize = 64;
/// Bytes that are cut into passages at once.
const WINDOW: usize = 4096;

/// Cuts a normalised text into passages that cover all of it but blanks, in order. Code blocks, tables and paragraphs that fit stay whole,
/// and what a heading rules is never joined with what stands before it. Only the parts of one long paragraph overlap. The same text always
/// gives the same passages.
pub(crate) fn passages(form: Form<'_>, text: &str, sizer: &Sizer) -> Vec<Passage> {
    let outline = outline(form, text);
    let mut merge = Merge { form, text, sizer, open: None, found: Vec::new() };
    let blocks = match form {
        Form::Code(sections) => chunk_code::blocks(text, sections),
        Form::Markdown | Form::Underlined | Form::Plain => blocks(form, text, &outline),
    };
    for block in blocks {
        merge.add(block);
    }
    merge.flush();
    let mut writer = Writer { form, text, outline: &outline, starts: Chars::of(text), ends: Chars::of(text), sizer };
    merge.found.into_iter().map(|piece| writer.passage(piece)).collect()
}

/// A passage's bytes, and those of the table's head that it is to be read under.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    head: Option<(usize, usize)>,
}

/// Joins blocks until a passage is long enough.
struct Merge<'a> {
    form: Form<'a>,
    text: &'a str,
    sizer: &'a Sizer,
    open: Option<Open>,
    found: Vec<Piece>,
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
        let tokens = self.count(block.start, block.end);
        if self.open.is_some_and(|open| open.is_done_before(block, tokens)) {
            self.flush();
        }
        let before = self.open.unwrap_or(Open { start: block.start, end: block.end, tokens: 0, only_headings: true });
        let joined =
            Open { end: block.end, tokens: before.tokens + tokens, only_headings: before.only_headings && block.is_heading, ..before };
        if joined.tokens <= MAX {
            self.open = Some(joined);
            return;
        }
        self.open = None;
        match self.table_head(block) {
            Some(head) => self.split_table(joined.start, block, head),
            None => self.split(joined.start, joined.end),
        }
    }

    /// Tokens of a range; what cannot fit is not counted out, since counting takes as long as the text is.
    fn count(&self, start: usize, end: usize) -> usize {
        let is_huge = end - start > 4 * MAX * MAX_CHARS_PER_TOKEN;
        if is_huge { MAX + 1 } else { self.sizer.count(&self.text[start..end]) }
    }

    fn flush(&mut self) {
        if let Some(open) = self.open.take() {
            self.found.push(Piece { start: open.start, end: open.end, head: None });
        }
    }

    fn table_head(&self, block: Block) -> Option<(usize, usize)> {
        let (start, end) = (self.form == Form::Markdown).then(|| chunk_table::head(self.text, block.start, block.end))??;
        (self.sizer.count(&self.text[start..end]) <= MAX_TABLE_HEAD).then_some((start, end))
    }

    /// Cuts a table between rows; headings that stand right above go with its first part.
    fn split_table(&mut self, start: usize, block: Block, head: (usize, usize)) {
        let above = self.count(start, block.start);
        let most = MAX.saturating_sub(above + self.sizer.count(&self.text[head.0..head.1])).max(DESIRED / 2);
        for (number, part) in chunk_table::parts(self.text, (block.start, block.end), most, self.sizer).into_iter().enumerate() {
            let (from, head) = if number == 0 { (start, None) } else { (part.start, Some(head)) };
            if self.count(from, part.end) > MAX {
                self.split(from, part.end);
            } else {
                self.found.push(Piece { start: from, end: part.end, head });
            }
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
        let config = || ChunkConfig::new(capacity).with_sizer(self.sizer.clone());
        let overlapping = config().with_overlap(OVERLAP).unwrap_or_else(|_| config());
        let text = &self.text[start..end];
        let pieces: Vec<(usize, &str)> = match self.form {
            Form::Markdown => MarkdownSplitter::new(overlapping).chunk_indices(text).collect(),
            Form::Underlined | Form::Plain => TextSplitter::new(overlapping).chunk_indices(text).collect(),
            Form::Code(_) => TextSplitter::new(config().with_trim(false)).chunk_indices(text).collect(),
        };
        let piece = |(at, piece): (usize, &str)| Piece { start: start + at, end: start + at + piece.trim_end().len(), head: None };
        self.found.extend(pieces.into_iter().filter(|(_, piece)| !piece.trim().is_empty()).map(piece));
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
        too_long || self.tokens >= DESIRED || block.is_heading || (block.is_definition && self.tokens >= MIN_DEFINITION)
    }
}

/// Makes passages of pieces that come in order.
struct Writer<'a> {
    form: Form<'a>,
    text: &'a str,
    outline: &'a [Heading],
    starts: Chars<'a>,
    ends: Chars<'a>,
    sizer: &'a Sizer,
}

impl Writer<'_> {
    fn passage(&mut self, piece: Piece) -> Passage {
        let content = &self.text[piece.start..piece.end];
        let heading_path = match self.form {
            Form::Code(sections) => chunk_code::path_at(sections, piece.start + leading_blanks(content)),
            Form::Markdown | Form::Underlined | Form::Plain => path_at(self.outline, piece.start),
        };
        let tokens = self.sizer.count(content);
        let span = Span { start: self.starts.upto(piece.start), end: self.ends.upto(piece.end) };
        let embedded_text = self.embedded(content, &heading_path, (piece.head, tokens));
        let token_count = i32::try_from(tokens + SPECIAL).unwrap_or(i32::MAX);
        Passage { content: content.to_owned(), heading_path, span, token_count, embedded_text }
    }

    /// The content under its table's head and under its headings, as far as the model reads.
    fn embedded(&self, content: &str, path: &[String], (head, tokens): (Option<(usize, usize)>, usize)) -> String {
        let room = (MAX_TOKENS - SPECIAL).saturating_sub(tokens);
        let head = head.map(|(start, end)| &self.text[start..end]).map(|head| (head, self.sizer.count(head)));
        let head = head.filter(|(_, used)| *used <= room);
        let above = context(path, content, room - head.map_or(0, |(_, used)| used), self.sizer);
        let lines = [Some(above.as_str()).filter(|above| !above.is_empty()), head.map(|(head, _)| head), Some(content)];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

fn leading_blanks(content: &str) -> usize {
    content.len() - content.trim_start().len()
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

impl<'a> Chars<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, byte: 0, char: 0 }
    }

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
