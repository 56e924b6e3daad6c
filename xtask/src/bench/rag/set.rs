//! Retrieval collections: documents, queries, and which document answers which query.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::process::Failure;

/// A judged collection.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) name: String,
    pub(super) documents: Vec<Document>,
    /// Those that have a judgement.
    pub(super) queries: Vec<Query>,
    /// Grades by query and document.
    pub(super) judgements: HashMap<String, HashMap<String, f64>>,
}

/// A whole document.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: String,
    pub(super) text: String,
}

/// A query in a person's words.
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) text: String,
}

/// Every collection in a folder, by name; with names, only those.
pub(super) fn all(folder: &Path, only: &[String]) -> Result<Vec<Collection>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|e| Failure::of(folder.display(), e))?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.join("corpus.jsonl").is_file()).collect();
    folders.sort();
    let named = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    folders.retain(|path| only.is_empty() || only.contains(&named(path)));
    if folders.is_empty() {
        return Err(Failure::new(format!("no collection in {}", folder.display())));
    }
    folders.iter().map(|path| read(path, named(path))).collect()
}

fn read(folder: &Path, name: String) -> Result<Collection, Failure> {
    let documents = lines(&folder.join("corpus.jsonl"))?;
    let judgements = judgements(&text(&folder.join("qrels.tsv"))?);
    let mut queries: Vec<Query> = lines(&folder.join("queries.jsonl"))?;
    queries.retain(|query| judgements.contains_key(&query.id));
    Ok(Collection { name, documents, queries, judgements })
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|e| Failure::of(file.display(), e))
}

fn lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, Failure> {
    let text = text(file)?;
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    filled.map(|line| serde_json::from_str(line).map_err(|e| Failure::of(file.display(), e))).collect()
}

/// `query, document, grade` line by line; a heading and grades that are no number are left out.
fn judgements(text: &str) -> HashMap<String, HashMap<String, f64>> {
    let mut found: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for line in text.lines() {
        let mut cells = line.split('\t');
        let (Some(query), Some(document), Some(Ok(grade))) = (cells.next(), cells.next(), cells.next().map(|cell| cell.trim().parse()))
        else {
            continue;
        };
        found.entry(query.to_owned()).or_default().insert(document.to_owned(), grade);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_are_read_and_the_heading_is_not() {
        let found = judgements("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n\nq2\td1\t1\n");
        assert_eq!((found.len(), found["q1"]["d1"], found["q1"]["d2"]), (2, 2.0, 0.0));
    }
}
