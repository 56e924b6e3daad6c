//! JSON as text: objects become headings and lines, lists of like objects become tables. Keys keep their order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::parse::Draft;
use crate::table;

/// Headings below this level are written into the names of lines.
const MAX_LEVEL: usize = 4;
/// Wider lists are not tables that anyone reads.
const MAX_COLUMNS: usize = 32;
/// Documents in a file of lines; a single one is a document and not a file of lines.
const FEWEST_LINES: usize = 2;

/// A value whose objects keep the order of their keys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// The text of a document, or of a file with one document a line.
pub(crate) fn read(text: &str) -> Result<Draft, String> {
    let (root, warnings) = match serde_json::from_str::<Node>(text) {
        Ok(root) => (root, Vec::new()),
        Err(problem) => (lines(text).ok_or_else(|| format!("the file is not JSON ({problem}): it was read as plain text"))?, Vec::new()),
    };
    let title = root.get("title").or_else(|| root.get("name")).and_then(Node::scalar).map(str::to_owned);
    let mut out = String::new();
    write(&mut out, &root, &mut Vec::new());
    Ok(Draft { title, text: out, warnings, ..Draft::default() })
}

/// One document a line.
fn lines(text: &str) -> Option<Node> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek()?;
    let nodes: Vec<Node> = lines.map(|line| serde_json::from_str(line).ok()).collect::<Option<_>>()?;
    (nodes.len() >= FEWEST_LINES).then_some(Node::List(nodes))
}

impl Node {
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Self::Null | Self::Scalar(_) | Self::List(_) => None,
        }
    }

    pub(crate) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Scalar(_) | Self::Object(_) => &[],
        }
    }

    /// On one line, when it fits on one.
    fn inline(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Scalar(text) => Some(text.clone()),
            Self::List(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(Self::scalar).collect();
                texts.map(|texts| texts.join(", "))
            }
            Self::Object(_) => None,
        }
    }
}

fn write(out: &mut String, node: &Node, path: &mut Vec<String>) {
    match node {
        Node::Null => {}
        Node::Scalar(text) => push_line(out, path, text),
        Node::List(items) => match (node.inline(), as_table(items)) {
            (Some(text), _) => push_line(out, path, &text),
            (None, Some(table)) => {
                out.push('\n');
                out.push_str(&table);
                out.push('\n');
            }
            (None, None) => {
                for (number, item) in items.iter().enumerate() {
                    nested(out, item, (&mut *path, (number + 1).to_string()));
                }
            }
        },
        Node::Object(fields) => object(out, fields, path),
    }
}

/// What fits on a line comes first, so that no line ends up below the heading of another key.
fn object(out: &mut String, fields: &[(String, Node)], path: &mut Vec<String>) {
    for (key, text) in fields.iter().filter_map(|(key, node)| Some((key, node.inline()?))) {
        path.push(key.clone());
        push_line(out, path, &text);
        path.pop();
    }
    for (key, node) in fields.iter().filter(|(_, node)| node.inline().is_none()) {
        nested(out, node, (&mut *path, key.clone()));
    }
}

fn nested(out: &mut String, node: &Node, (path, key): (&mut Vec<String>, String)) {
    path.push(key);
    if path.len() <= MAX_LEVEL {
        out.push_str(&format!("\n{} {}\n\n", "#".repeat(path.len() + 1), path.join(".").replace('\n', " ")));
    }
    write(out, node, path);
    path.pop();
}

/// A line under its heading names only what the heading does not.
fn push_line(out: &mut String, path: &[String], text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let above = path.len().saturating_sub(1).min(MAX_LEVEL);
    let name = path.get(above..).unwrap_or_default().join(".");
    let line = if name.is_empty() { text.to_owned() } else { format!("{name}: {text}") };
    for line in line.lines() {
        out.push_str(&table::plain_line(line));
        out.push('\n');
    }
}

/// A list of objects whose values all fit into cells.
fn as_table(items: &[Node]) -> Option<String> {
    let mut head: Vec<String> = Vec::new();
    for item in items {
        let Node::Object(fields) = item else { return None };
        for (key, node) in fields {
            node.inline()?;
            if !head.contains(key) {
                head.push(key.clone());
            }
        }
        if head.len() > MAX_COLUMNS {
            return None;
        }
    }
    let row = |item: &Node| head.iter().map(|key| item.get(key).and_then(Node::inline).unwrap_or_default()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head.clone()).chain(items.iter().map(row)).collect();
    Some(table::markdown(&rows)).filter(|table| !table.is_empty())
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Scalar(value))
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = access.next_entry()? {
            fields.push(field);
        }
        Ok(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_headings_and_lists_of_objects_tables() {
        let draft =
            read(r#"{"title": "T", "server": {"port": 80, "tags": ["a", "b"]}, "rows": [{"k": "x", "v": 1}, {"k": "y"}]}"#).unwrap();
        assert_eq!(draft.title.as_deref(), Some("T"));
        assert_eq!(
            draft.text,
            "title: T\n\n## server\n\nport: 80\ntags: a, b\n\n## rows\n\n\n| k | v |\n| --- | --- |\n| x | 1 |\n| y |  |\n\n"
        );
    }

    #[test]
    fn lines_of_objects_are_a_table_and_what_is_no_json_says_so() {
        assert!(read("{\"a\": 1}\n{\"a\": 2}\n").unwrap().text.contains("| 2 |"));
        assert!(read("{\"a\": ").unwrap_err().contains("not JSON"));
        assert!(read(&"[".repeat(100_000)).is_err(), "a tower of lists is refused and not climbed");
    }
}
