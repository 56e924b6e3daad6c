//! Workbooks: each sheet under a heading, as tables. Formulas show what they last came to.

use commandcenter_domain::knowledge::ReadError;

use super::package::Package;
use super::style;
use super::xml::Token;
use crate::parse::Draft;
use crate::table;

/// Rows and columns of a sheet past these are left out.
const MAX_ROWS: usize = 100_000;
const MAX_COLUMNS: usize = 256;
/// Text of a workbook past this is left out.
const MAX_TEXT: usize = 32 * 1024 * 1024;

const MAIN: &str = "xl/workbook.xml";

/// Reads the sheets in their order.
pub(crate) fn read(bytes: &[u8]) -> Result<Draft, ReadError> {
    let mut package = Package::open(bytes)?;
    let book = Book::open(&mut package)?;
    let (mut text, mut warnings, mut size) = (String::new(), Vec::new(), 0);
    for (name, part) in &book.sheets {
        let mut sheet = Sheet { size, ..Sheet::of(&book) };
        package.walk(part, &mut |token| sheet.token(token))?;
        sheet.end_table();
        size = sheet.size;
        if sheet.is_cut {
            warnings.push(format!("sheet {name}: only the first {MAX_ROWS} rows and {MAX_COLUMNS} columns were read"));
        }
        if sheet.out.is_empty() {
            continue;
        }
        text.push_str(&format!("## {}\n\n{}\n", name.replace('\n', " "), sheet.out));
        if size > MAX_TEXT {
            warnings.push(format!("what comes after the first {} MiB of text was left out", MAX_TEXT >> 20));
            break;
        }
    }
    if text.is_empty() {
        return Err(ReadError::Empty);
    }
    let title = package.title()?;
    Ok(Draft { title, text, warnings, language: None })
}

/// What the sheets share.
struct Book {
    sheets: Vec<(String, String)>,
    strings: Vec<String>,
    dates: Vec<bool>,
    /// Days between 1900 and what this workbook counts from.
    offset: f64,
}

impl Book {
    fn open(package: &mut Package<'_>) -> Result<Self, ReadError> {
        let relations = package.relations(MAIN)?;
        let (mut sheets, mut offset) = (Vec::new(), 0.0);
        package.walk(MAIN, &mut |token| {
            if let Token::Open { name, attributes } = token {
                match name {
                    "sheet" => {
                        if let Some(relation) = relations.get(&attributes.prefixed("id")) {
                            sheets.push((attributes.get("name"), relation.target.clone()));
                        }
                    }
                    "workbookPr" if matches!(attributes.get("date1904").as_str(), "1" | "true") => offset = 1462.0,
                    _ => {}
                }
            }
        })?;
        let part = |kind: &str| relations.values().find(|relation| relation.kind == kind).map(|relation| relation.target.clone());
        let strings = part("sharedStrings").map_or_else(|| Ok(Vec::new()), |part| strings(package, &part))?;
        let dates = part("styles").map_or_else(|| Ok(Vec::new()), |part| style::date_formats(package, &part))?;
        Ok(Self { sheets, strings, dates, offset })
    }
}

/// The texts that cells refer to by number.
fn strings(package: &mut Package<'_>, part: &str) -> Result<Vec<String>, ReadError> {
    let (mut found, mut is_text, mut is_phonetic) = (Vec::new(), false, false);
    package.walk_if_there(part, &mut |token| match token {
        Token::Open { name: "si", .. } => found.push(String::new()),
        Token::Open { name: "rPh", .. } => is_phonetic = true,
        Token::Close("rPh") => is_phonetic = false,
        Token::Open { name: "t", .. } => is_text = true,
        Token::Close("t") => is_text = false,
        Token::Text(text) if is_text && !is_phonetic => {
            if let Some(last) = found.last_mut() {
                last.push_str(text);
            }
        }
        Token::Open { .. } | Token::Close(_) | Token::Text(_) => {}
    })?;
    Ok(found)
}

struct Sheet<'a> {
    book: &'a Book,
    out: String,
    size: usize,
    rows: Vec<Vec<String>>,
    count: usize,
    is_cut: bool,
    /// Of the cell being read: column, type, format and value.
    column: usize,
    kind: String,
    format: usize,
    value: String,
    is_value: bool,
}

impl<'a> Sheet<'a> {
    const fn of(book: &'a Book) -> Self {
        Self {
            book,
            out: String::new(),
            size: 0,
            rows: Vec::new(),
            count: 0,
            is_cut: false,
            column: 0,
            kind: String::new(),
            format: 0,
            value: String::new(),
            is_value: false,
        }
    }

    fn token(&mut self, token: Token<'_>) {
        if self.is_full() {
            return;
        }
        match token {
            Token::Open { name: "row", .. } => self.start_row(),
            Token::Close("row") => self.end_row(),
            Token::Open { name: "c", attributes } => {
                let next = self.rows.last().map_or(0, Vec::len);
                self.column = attributes.find("r").and_then(|reference| column(&reference)).unwrap_or(next);
                self.kind = attributes.get("t");
                self.format = attributes.get("s").parse().unwrap_or(0);
                self.value.clear();
            }
            Token::Close("c") => self.end_cell(),
            Token::Open { name: "v" | "t", .. } => self.is_value = true,
            Token::Close("v" | "t") => self.is_value = false,
            Token::Text(text) if self.is_value => self.value.push_str(text),
            Token::Open { .. } | Token::Close(_) | Token::Text(_) => {}
        }
    }

    /// Shared texts make a sheet many times as long as its file: what comes out is limited, too.
    const fn is_full(&self) -> bool {
        self.size > MAX_TEXT
    }

    fn start_row(&mut self) {
        self.count += 1;
        if self.count > MAX_ROWS {
            self.is_cut = true;
        } else {
            self.rows.push(Vec::new());
        }
    }

    /// An empty row parts two tables.
    fn end_row(&mut self) {
        if self.rows.last().is_some_and(|row| row.iter().all(|cell| cell.trim().is_empty())) {
            self.rows.pop();
            self.end_table();
        }
    }

    fn end_cell(&mut self) {
        if self.column >= MAX_COLUMNS || self.count > MAX_ROWS {
            self.is_cut |= !self.value.is_empty();
            return;
        }
        let value = self.shown();
        self.size += value.len() + 3;
        if let Some(row) = self.rows.last_mut() {
            while row.len() <= self.column {
                row.push(String::new());
            }
            row[self.column] = value;
        }
    }

    fn shown(&self) -> String {
        match self.kind.as_str() {
            "s" => self.value.trim().parse::<usize>().ok().and_then(|at| self.book.strings.get(at)).cloned().unwrap_or_default(),
            "b" => if self.value.trim() == "1" { "true" } else { "false" }.to_owned(),
            "" | "n" if self.book.dates.get(self.format).copied().unwrap_or(false) => {
                self.value.trim().parse().ok().and_then(|days: f64| date(days + self.book.offset)).unwrap_or_else(|| self.value.clone())
            }
            _ => self.value.clone(),
        }
    }

    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let table = table::markdown(&rows);
        if !table.is_empty() {
            self.out.push_str(&table);
            self.out.push('\n');
        }
    }
}

/// The column of a reference such as `AB12`, from 0.
fn column(reference: &str) -> Option<usize> {
    let mut number = 0_usize;
    for c in reference.chars().take_while(char::is_ascii_alphabetic) {
        number = number.checked_mul(26)?.checked_add(usize::try_from(u32::from(c.to_ascii_uppercase()) - u32::from('A')).ok()? + 1)?;
    }
    number.checked_sub(1)
}

/// Days since the last day of 1899 as people write dates. Workbooks believe that 1900 was a leap year.
fn date(days: f64) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&days) {
        return None;
    }
    let seconds = (days.fract() * 86_400.0).round() as i64;
    let (whole, seconds) = (days.trunc() as i64 + seconds / 86_400, seconds % 86_400);
    let time = format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60);
    if whole == 0 {
        return Some(time);
    }
    let since_1970 = whole - 25_569 + i64::from(whole < 60);
    let (year, month, day) = civil(since_1970);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if seconds == 0 { date } else { format!("{date} {time}") })
}

/// The Gregorian date of a day counted from 1970, reckoned in eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_dates_are_read_as_workbooks_write_them() {
        assert_eq!((column("A1"), column("Z9"), column("AA10"), column("7")), (Some(0), Some(25), Some(26), None));
        for (days, expected) in
            [(45_000.0, "2023-03-15"), (1.0, "1900-01-01"), (61.0, "1900-03-01"), (45_000.5, "2023-03-15 12:00"), (0.25, "06:00")]
        {
            assert_eq!(date(days).as_deref(), Some(expected));
        }
        assert_eq!(date(-1.0), None);
    }
}
