//! Slides: each under a heading with its title, its notes below it.

use commandcenter_domain::knowledge::ReadError;

use super::package::Package;
use super::xml::Token;
use crate::parse::Draft;
use crate::table;

/// Reads the slides in the order they are shown.
pub(crate) fn read(bytes: &[u8]) -> Result<Draft, ReadError> {
    let mut package = Package::open(bytes)?;
    let slides = slides(&mut package)?;
    let (mut text, mut first_title, mut empty) = (String::new(), None, 0);
    for (number, part) in slides.iter().enumerate() {
        let mut slide = Slide::default();
        package.walk(part, &mut |token| slide.token(token))?;
        let notes = notes(&mut package, part)?;
        empty += usize::from(slide.title.is_empty() && slide.body.is_empty() && notes.is_empty());
        let title = slide.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let heading = if title.is_empty() { format!("Slide {}", number + 1) } else { format!("Slide {}: {title}", number + 1) };
        text.push_str(&format!("## {heading}\n\n{}\n", slide.body));
        if !notes.is_empty() {
            text.push_str(&format!("Notes:\n\n{notes}\n"));
        }
        if first_title.is_none() && !title.is_empty() {
            first_title = Some(title);
        }
    }
    if empty == slides.len() {
        return Err(ReadError::Empty);
    }
    let warnings = if empty > 0 { vec![format!("{empty} slides hold no text, only pictures or nothing")] } else { Vec::new() };
    let title = package.title()?.or(first_title);
    Ok(Draft { title, text, warnings, language: None })
}

fn slides(package: &mut Package<'_>) -> Result<Vec<String>, ReadError> {
    const MAIN: &str = "ppt/presentation.xml";
    let relations = package.relations(MAIN)?;
    let mut slides = Vec::new();
    package.walk(MAIN, &mut |token| {
        if let Token::Open { name: "sldId", attributes } = token
            && let Some(relation) = relations.get(&attributes.prefixed("id"))
        {
            slides.push(relation.target.clone());
        }
    })?;
    Ok(slides)
}

fn notes(package: &mut Package<'_>, slide: &str) -> Result<String, ReadError> {
    let part = package.relations(slide)?.into_values().find(|relation| relation.kind == "notesSlide").map(|relation| relation.target);
    let Some(part) = part else { return Ok(String::new()) };
    let mut notes = Slide { is_notes: true, ..Slide::default() };
    package.walk_if_there(&part, &mut |token| notes.token(token))?;
    Ok(notes.body)
}

/// What a shape is for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Role {
    Title,
    #[default]
    Body,
    /// Numbers, dates and the picture of the slide on its notes.
    Furniture,
}

#[derive(Debug, Default)]
struct Slide {
    title: String,
    body: String,
    role: Role,
    is_notes: bool,
    is_text: bool,
    level: usize,
    paragraph: String,
    rows: Vec<Vec<String>>,
    is_table: bool,
}

impl Slide {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Open { name, attributes } => match name {
                "sp" => self.role = if self.is_notes { Role::Furniture } else { Role::Body },
                "ph" => self.role = self.role_of(&attributes.get("type")),
                "p" => self.level = 0,
                "pPr" => self.level = attributes.get("lvl").parse().unwrap_or(0),
                "t" => self.is_text = true,
                "br" => self.paragraph.push('\n'),
                "tbl" => self.is_table = true,
                "tr" => self.rows.push(Vec::new()),
                "tc" => {
                    if let Some(row) = self.rows.last_mut() {
                        row.push(String::new());
                    }
                }
                _ => {}
            },
            Token::Close(name) => match name {
                "t" => self.is_text = false,
                "p" => self.end_paragraph(),
                "tbl" => self.end_table(),
                _ => {}
            },
            Token::Text(text) if self.is_text => self.paragraph.push_str(text),
            Token::Text(_) => {}
        }
    }

    fn role_of(&self, placeholder: &str) -> Role {
        match placeholder {
            "title" | "ctrTitle" if !self.is_notes => Role::Title,
            "dt" | "ftr" | "sldNum" | "hdr" | "sldImg" => Role::Furniture,
            _ => Role::Body,
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.paragraph);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.is_table {
            if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push_str(text);
                cell.push(' ');
            }
            return;
        }
        match self.role {
            Role::Title => {
                self.title.push_str(text);
                self.title.push(' ');
            }
            Role::Body => {
                let indent = "  ".repeat(self.level.min(8));
                let mark = if self.is_notes { "" } else { "- " };
                let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.body.push_str(&format!("{indent}{mark}{line}\n"));
            }
            Role::Furniture => {}
        }
    }

    fn end_table(&mut self) {
        self.is_table = false;
        let rows = std::mem::take(&mut self.rows);
        self.body.push('\n');
        self.body.push_str(&table::markdown(&rows));
        self.body.push('\n');
    }
}
