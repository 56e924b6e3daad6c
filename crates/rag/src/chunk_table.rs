//! Tables that are too long for one passage: cut between rows, every further part under the table's head.

use crate::tokens::Sizer;

/// A part of a table: bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The first line of a table that has a head, as a range of the text; `None` when the block is no table.
pub(crate) fn head(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let block = text.get(start..end)?;
    let mut lines = block.lines();
    let (first, rule) = (lines.next()?, lines.next()?);
    let is_rule = rule.trim_start().starts_with('|') && rule.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
    (first.trim_start().starts_with('|') && is_rule).then_some((start, start + first.len()))
}

/// Cuts a table between its rows into parts of at most `most` tokens, as far as rows allow. A row that is longer stands alone and is for the
/// caller to cut.
pub(crate) fn parts(text: &str, (start, end): (usize, usize), most: usize, sizer: &Sizer) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open: Option<(Part, usize)> = None;
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let row = Part { start: at, end: at + line.trim_end().len() };
        at += line.len();
        let tokens = sizer.count(&text[row.start..row.end]);
        open = match open {
            Some((part, used)) if used + tokens <= most => Some((Part { end: row.end, ..part }, used + tokens)),
            Some((part, _)) => {
                found.push(part);
                Some((row, tokens))
            }
            None => Some((row, tokens)),
        };
    }
    found.extend(open.map(|(part, _)| part));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_cut_between_rows() {
        let text = format!("| name | value |\n| --- | --- |\n{}", "| some key | some value |\n".repeat(20));
        let (from, to) = head(&text, 0, text.len()).unwrap();
        assert_eq!(&text[from..to], "| name | value |");
        let parts = parts(&text, (0, text.trim_end().len()), 40, &Sizer::Estimate);
        assert!(parts.len() > 3);
        assert!(parts.iter().all(|part| text[part.start..part.end].starts_with('|') && text[part.start..part.end].ends_with('|')));
        assert_eq!(head("| a line of dialogue\nwith a bar", 0, 20), None);
    }
}
