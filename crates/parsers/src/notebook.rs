//! Notebooks: their prose as it stands, their code in fences, what they printed below it. Pictures are left out.

use crate::json::Node;
use crate::parse::Draft;

/// Characters of one output that are kept: more is data, not text.
const MAX_OUTPUT: usize = 2000;

/// The text of a notebook, or why it is none.
pub(crate) fn read(text: &str) -> Result<Draft, String> {
    let refuse = |problem: &str| format!("the file is no notebook ({problem}): it was read as plain text");
    let root: Node = serde_json::from_str(text).map_err(|err| refuse(&err.to_string()))?;
    let cells: Vec<&Node> = match root.get("cells") {
        Some(cells) => cells.items().iter().collect(),
        // As they were until 2014.
        None => root
            .get("worksheets")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|sheet| sheet.get("cells"))
            .flat_map(Node::items)
            .collect(),
    };
    if cells.is_empty() {
        return Err(refuse("it has no cells"));
    }
    let metadata = root.get("metadata");
    let language = metadata
        .and_then(|metadata| metadata.get("language_info")?.get("name").or_else(|| metadata.get("kernelspec")?.get("language")))
        .and_then(Node::scalar)
        .unwrap_or_default();
    let mut notebook = Notebook { language, out: String::new(), pictures: 0 };
    for cell in cells {
        notebook.cell(cell);
    }
    let title = metadata.and_then(|metadata| metadata.get("title")).and_then(Node::scalar).map(str::to_owned);
    let pictures = (notebook.pictures > 0).then(|| format!("{} pictures among the outputs were left out", notebook.pictures));
    Ok(Draft { title, text: notebook.out, warnings: pictures.into_iter().collect(), language: None })
}

struct Notebook<'a> {
    language: &'a str,
    out: String,
    pictures: usize,
}

impl Notebook<'_> {
    fn cell(&mut self, cell: &Node) {
        let source = joined(cell.get("source").or_else(|| cell.get("input")));
        match cell.get("cell_type").and_then(Node::scalar) {
            Some("code") => {
                self.fence(self.language.to_owned(), &source);
                for output in cell.get("outputs").map(Node::items).unwrap_or_default() {
                    self.output(output);
                }
            }
            Some("heading") => self.out.push_str(&format!("## {}\n\n", source.replace('\n', " "))),
            _ => {
                self.out.push_str(&source);
                self.out.push_str("\n\n");
            }
        }
    }

    fn output(&mut self, output: &Node) {
        let data = output.get("data");
        if data.is_some_and(|data| data.get("image/png").is_some() || data.get("image/jpeg").is_some()) {
            self.pictures += 1;
        }
        let plain = data.and_then(|data| data.get("text/plain")).or_else(|| output.get("text")).or_else(|| output.get("evalue"));
        let text: String = joined(plain).chars().take(MAX_OUTPUT).collect();
        self.fence(String::new(), &text);
    }

    fn fence(&mut self, language: String, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mark = if text.contains("```") { "~~~" } else { "```" };
        self.out.push_str(&format!("{mark}{language}\n{}\n{mark}\n\n", text.trim_end()));
    }
}

/// Text that is written as one string or as one a line.
fn joined(node: Option<&Node>) -> String {
    match node {
        Some(Node::Scalar(text)) => text.clone(),
        Some(Node::List(lines)) => lines.iter().filter_map(Node::scalar).collect(),
        Some(Node::Null | Node::Object(_)) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_code_and_outputs_stay_apart() {
        let notebook = r##"{"cells": [
            {"cell_type": "markdown", "source": ["# Title\n", "Some *prose*."]},
            {"cell_type": "code", "source": "print(1)", "outputs": [{"output_type": "stream", "text": ["1\n"]}, {"data": {"image/png": "AAAA"}}]}
        ], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4}"##;
        let draft = read(notebook).unwrap();
        assert_eq!(draft.text, "# Title\nSome *prose*.\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n");
        assert_eq!(draft.warnings.len(), 1);
        assert!(read("{}").is_err());
    }
}
