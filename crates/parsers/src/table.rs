//! Tables as Markdown writes them, and lines that would be taken for markup.

/// A table under its head, as Markdown. Columns that are empty throughout are left out; nothing remains of a table without words.
pub(crate) fn markdown(rows: &[Vec<String>]) -> String {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_used = |column: &usize| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.trim().is_empty()));
    let columns: Vec<usize> = (0..width).filter(is_used).collect();
    if columns.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        out.push('|');
        for column in &columns {
            out.push(' ');
            push_cell(&mut out, row.get(*column).map_or("", String::as_str));
            out.push_str(" |");
        }
        out.push('\n');
        if number == 0 {
            out.push('|');
            out.push_str(&" --- |".repeat(columns.len()));
            out.push('\n');
        }
    }
    out
}

/// A cell on one line, without the mark that ends it.
fn push_cell(out: &mut String, cell: &str) {
    let mut words = cell.split_whitespace();
    if let Some(first) = words.next() {
        push_escaped(out, first);
    }
    for word in words {
        out.push(' ');
        push_escaped(out, word);
    }
}

fn push_escaped(out: &mut String, word: &str) {
    for c in word.chars() {
        if c == '|' {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A line of a text without markup, kept from being read as a heading, a rule, a fence or a table.
pub(crate) fn plain_line(line: &str) -> String {
    let trimmed = line.trim_start();
    let is_rule = trimmed.len() >= 3 && ['-', '=', '~', '`'].into_iter().any(|mark| trimmed.trim_end().chars().all(|c| c == mark));
    let is_mark = trimmed.starts_with(['#', '|']) || trimmed.starts_with("```") || trimmed.starts_with("~~~");
    if is_rule || is_mark { format!("\\{trimmed}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_row() {
        let rows = [["name", "", "note"], ["a|b", "", "two\nlines"], ["c", "", ""]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(markdown(&rows), "| name | note |\n| --- | --- |\n| a\\|b | two lines |\n| c |  |\n");
        assert_eq!(markdown(&[vec![String::new()]]), "");
    }

    #[test]
    fn marks_at_the_start_of_a_line_are_guarded() {
        assert_eq!(plain_line("# include"), "\\# include");
        assert_eq!(plain_line("----"), "\\----");
        assert_eq!(plain_line("- item"), "- item");
    }
}
