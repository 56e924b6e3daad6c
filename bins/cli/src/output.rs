//! What commands print: tables for people, JSON for programs.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use serde_json::Value;

use crate::error::CliError;

/// For whom to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Tables and sentences.
    People,
    /// JSON.
    Json,
}

/// A column of a table: its heading and the path of its value in an item.
pub(crate) type Column = (&'static str, &'static str);

impl Format {
    /// A document as it came, or what `people` makes of it.
    pub(crate) fn show(self, value: &Value, people: impl FnOnce(&Value) -> String) -> Result<(), CliError> {
        match self {
            Self::Json => print(&pretty(value)),
            Self::People => print(people(value).trim_end()),
        }
    }

    /// A list of the API: the envelope as it came, or a table and which part of the whole it is.
    pub(crate) fn list(self, envelope: &Value, columns: &[Column]) -> Result<(), CliError> {
        self.show(envelope, |envelope| {
            let items = envelope.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let total = envelope.get("total").and_then(Value::as_u64).unwrap_or(items.len() as u64);
            let page = envelope.get("page").and_then(Value::as_u64).unwrap_or(1);
            let count = match items.len() as u64 {
                shown if shown == total => format!("{total} in all"),
                shown => format!("{shown} of {total}, page {page}"),
            };
            if items.is_empty() { count } else { format!("{}\n{count}", table(items, columns)) }
        })
    }

    /// One object: as it came, or a line a field.
    pub(crate) fn object(self, object: &Value, rows: &[Column]) -> Result<(), CliError> {
        self.show(object, |object| {
            let mut table = plain_table();
            for (heading, path) in rows {
                table.add_row([(*heading).to_owned(), cell(object, path)]);
            }
            table.trim_fmt()
        })
    }

    /// A sentence for people; for programs, the value.
    pub(crate) fn done(self, sentence: &str, value: &Value) -> Result<(), CliError> {
        self.show(value, |_| sentence.to_owned())
    }
}

/// A table of items.
pub(crate) fn table(items: &[Value], columns: &[Column]) -> String {
    let mut table = plain_table();
    table.set_header(columns.iter().map(|(heading, _)| (*heading).to_owned()));
    for item in items {
        table.add_row(columns.iter().map(|(_, path)| cell(item, path)));
    }
    table.trim_fmt()
}

/// Prints a line. Nobody reading any more (`commandcenter … | head`) is not a failure.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Failed(format!("standard output: {error}"))),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// JSON that people can read too.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A value as a cell shows it. Control characters are what a terminal must not get from a server's data.
pub(crate) fn cell(item: &Value, path: &str) -> String {
    let value = path.split('.').try_fold(item, |value, name| value.get(name));
    value.map_or_else(|| "-".to_owned(), shown)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if is_timestamp(text) => text.get(..19).unwrap_or(text).replace('T', " "),
        Value::String(text) => clean(text),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Number(_) | Value::Object(_) => clean(&value.to_string()),
    }
}

/// Text without control characters, lines joined.
pub(crate) fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect()
}

fn is_timestamp(text: &str) -> bool {
    text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T')
}

fn plain_table() -> Table {
    let mut table = Table::new();
    let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(style).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_short_and_harmless() {
        let item = json!({
            "a": {"b": 3}, "none": null, "yes": true, "at": "2026-01-02T03:04:05.678Z",
            "tags": ["x", "y"], "text": "one\n two\u{1b}[31m",
        });
        let cases = [
            ("a.b", "3"),
            ("none", "-"),
            ("absent.x", "-"),
            ("yes", "yes"),
            ("at", "2026-01-02 03:04:05"),
            ("text", "one two[31m"),
            ("tags", "x, y"),
        ];
        for (path, shown) in cases {
            assert_eq!(cell(&item, path), shown);
        }
    }

    #[test]
    fn a_table_has_headings_and_a_row_an_item() {
        let text = table(&[json!({"id": 1, "name": "alpha"})], &[("ID", "id"), ("NAME", "name")]);
        for part in ["ID", "NAME", "1", "alpha"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
