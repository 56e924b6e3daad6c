//! Tables with separators: comma, semicolon, tab or bar, whichever the first lines agree on.

use commandcenter_domain::knowledge::ReadError;

use crate::parse::Draft;
use crate::table;

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines that are looked at for the separator.
const LOOKED_AT: usize = 20;
/// Columns past this one are dropped.
const MAX_COLUMNS: usize = 256;

/// The table.
pub(crate) fn read(text: &str) -> Result<Draft, ReadError> {
    let separator = separator(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut ragged = 0_usize;
    let mut is_cut = false;
    for record in reader.records() {
        let record = record.map_err(|err| ReadError::Parse(err.to_string()))?;
        ragged += usize::from(rows.first().is_some_and(|first| first.len() != record.len()));
        is_cut |= record.len() > MAX_COLUMNS;
        rows.push(record.iter().take(MAX_COLUMNS).map(str::to_owned).collect());
    }
    let mut warnings = Vec::new();
    if ragged > 0 {
        warnings.push(format!("{ragged} rows do not have as many cells as the first"));
    }
    if is_cut {
        warnings.push(format!("columns past the {MAX_COLUMNS}th were left out"));
    }
    Ok(Draft { text: table::markdown(&rows), warnings, ..Draft::default() })
}

/// The separator that cuts the first lines into the most equal rows.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).collect();
    let score = |separator: &u8| {
        let counts: Vec<usize> = lines.iter().map(|line| unquoted(line, *separator)).collect();
        let first = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count == first).count();
        if first == 0 { (0, 0) } else { (alike, first) }
    };
    SEPARATORS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

/// How often a separator stands outside of quotes.
fn unquoted(line: &str, separator: u8) -> usize {
    let mut is_quoted = false;
    let mut count = 0;
    for byte in line.bytes() {
        is_quoted ^= byte == b'"';
        count += usize::from(byte == separator && !is_quoted);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found_and_quoted_cells_stay_whole() {
        for (text, expected) in [
            ("a,b\n\"x, y\",2\n", "| a | b |\n| --- | --- |\n| x, y | 2 |\n"),
            ("a;b\n1,5;2\n", "| a | b |\n| --- | --- |\n| 1,5 | 2 |\n"),
            ("a\tb\n1\t2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
        ] {
            assert_eq!(read(text).unwrap().text, expected);
        }
        assert!(read("a,b\n1,2,3\n").unwrap().warnings[0].contains("1 rows"));
    }
}
