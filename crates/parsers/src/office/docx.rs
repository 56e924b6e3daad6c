//! Text documents.

use std::collections::BTreeMap;

use commandcenter_domain::knowledge::ReadError;

use super::package::Package;
use super::style;
use super::xml::{Attributes, Token};
use crate::parse::Draft;
use crate::table;

/// Reads the body, then the notes below it.
pub(crate) fn read(bytes: &[u8]) -> Result<Draft, ReadError> {
    let mut package = Package::open(bytes)?;
    let main = main_part(&mut package)?;
    let levels = style::headings(&mut package, &main)?;
    let mut walker = Walker { levels, ..Walker::default() };
    package.walk(&main, &mut |token| walker.token(token))?;
    let notes: Vec<String> = package.relations(&main)?.into_values().filter(|r| is_notes(&r.kind)).map(|r| r.target).collect();
    for part in notes {
        walker.start_notes();
        package.walk_if_there(&part, &mut |token| walker.token(token))?;
    }
    let mut warnings = Vec::new();
    let pictures = package.count(|name| name.contains("/media/"));
    if pictures > 0 {
        warnings.push(format!("{pictures} pictures were left out"));
    }
    let title = package.title()?.or(walker.title.take());
    Ok(Draft { title, text: walker.out, warnings, language: None })
}

/// The part that the package's root names; writers may call it as they like.
fn main_part(package: &mut Package<'_>) -> Result<String, ReadError> {
    let root = package.relations("")?;
    let main = root.into_values().find(|relation| relation.kind == "officeDocument").map(|relation| relation.target);
    Ok(main.unwrap_or_else(|| "word/document.xml".to_owned()))
}

fn is_notes(kind: &str) -> bool {
    matches!(kind, "footnotes" | "endnotes")
}

/// What is known of the paragraph being read.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    level: Option<usize>,
    is_title: bool,
    list: Option<usize>,
}

#[derive(Debug, Default)]
struct Walker {
    /// Levels of styles that are headings; 0 is the title.
    levels: BTreeMap<String, usize>,
    out: String,
    title: Option<String>,
    /// Paragraphs that are open: a text box is a paragraph within one.
    open: Vec<Paragraph>,
    /// Tables that are open, innermost last.
    tables: Vec<Vec<Vec<String>>>,
    is_text: bool,
    /// How deep inside of what is left out.
    skipped: usize,
    has_notes: bool,
}

impl Walker {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Open { name, attributes } => self.open(name, &attributes),
            Token::Close(name) => self.close(name),
            Token::Text(text) if self.is_text && self.skipped == 0 => self.push(text),
            Token::Text(_) => {}
        }
    }

    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        // The same content again, for older programs; and what was moved or deleted.
        if self.skipped > 0 || matches!(name, "Fallback" | "del" | "moveFrom") {
            self.skipped += 1;
            return;
        }
        match name {
            "p" => self.open.push(Paragraph::default()),
            "t" => self.is_text = true,
            "tab" if self.is_in_run() => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "tbl" => self.tables.push(Vec::new()),
            "tr" => self.with_table(|rows| rows.push(Vec::new())),
            "tc" => self.with_table(|rows| {
                if let Some(row) = rows.last_mut() {
                    row.push(String::new());
                }
            }),
            "pStyle" => self.style(&attributes.get("val")),
            "outlineLvl" => self.outline(&attributes.get("val")),
            "ilvl" => self.list(attributes.get("val").parse().unwrap_or(0)),
            "numPr" => self.list(0),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "t" => self.is_text = false,
            "p" => {
                if let Some(paragraph) = self.open.pop() {
                    self.end(paragraph);
                }
            }
            "tbl" => {
                if let Some(rows) = self.tables.pop() {
                    self.end_table(&rows);
                }
            }
            _ => {}
        }
    }

    /// Tab stops are declared under the same name as tabs are written.
    fn is_in_run(&self) -> bool {
        self.open.last().is_some_and(|paragraph| !paragraph.text.is_empty())
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn style(&mut self, style: &str) {
        let level = self.levels.get(style).copied();
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.is_title = level == Some(0);
            paragraph.level = level.filter(|level| *level > 0);
        }
    }

    fn outline(&mut self, value: &str) {
        // Nine means body text.
        let level = value.parse::<usize>().ok().filter(|level| *level < 9).map(|level| level + 1);
        if let (Some(paragraph), Some(level)) = (self.open.last_mut(), level) {
            paragraph.level = Some(level);
        }
    }

    fn list(&mut self, depth: usize) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.list = Some(depth.min(8));
        }
    }

    fn with_table(&mut self, change: impl FnOnce(&mut Vec<Vec<String>>)) {
        if let Some(rows) = self.tables.last_mut() {
            change(rows);
        }
    }

    fn end(&mut self, paragraph: Paragraph) {
        let text = paragraph.text.trim();
        if text.is_empty() {
            return;
        }
        if let Some(cell) = self.tables.last_mut().and_then(|rows| rows.last_mut()?.last_mut()) {
            cell.push_str(text);
            cell.push(' ');
        } else if let Some(around) = self.open.last_mut() {
            around.text.push_str(text);
            around.text.push('\n');
        } else {
            self.write(&paragraph, text);
        }
    }

    fn write(&mut self, paragraph: &Paragraph, text: &str) {
        let on_one_line = || text.split_whitespace().collect::<Vec<_>>().join(" ");
        if paragraph.is_title {
            let title = on_one_line();
            self.out.push_str(&format!("# {title}\n\n"));
            self.title.get_or_insert(title);
        } else if let Some(level) = paragraph.level {
            self.out.push_str(&format!("\n{} {}\n\n", "#".repeat(level.min(6)), on_one_line()));
        } else if let Some(depth) = paragraph.list {
            self.out.push_str(&format!("{}- {}\n", "  ".repeat(depth), on_one_line()));
        } else {
            for line in text.lines() {
                self.out.push_str(&table::plain_line(line));
                self.out.push('\n');
            }
            self.out.push('\n');
        }
    }

    /// A table within a cell becomes words of that cell.
    fn end_table(&mut self, rows: &[Vec<String>]) {
        if let Some(cell) = self.tables.last_mut().and_then(|rows| rows.last_mut()?.last_mut()) {
            let words: Vec<&str> = rows.iter().flatten().flat_map(|cell| cell.split_whitespace()).collect();
            cell.push_str(&words.join(" "));
            cell.push(' ');
        } else {
            self.out.push('\n');
            self.out.push_str(&table::markdown(rows));
            self.out.push('\n');
        }
    }

    fn start_notes(&mut self) {
        if !std::mem::replace(&mut self.has_notes, true) {
            self.out.push_str("\n## Notes\n\n");
        }
    }
}
