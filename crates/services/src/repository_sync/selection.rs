//! Which files of a repository are documents: the README at its root, and the texts below `docs`.

use std::collections::BTreeMap;

use commandcenter_domain::repository::{TreeEntry, TreeKind};

/// A document as the tree shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) sha: String,
    pub(super) size: Option<u64>,
}

/// The folder that documents lie in.
pub(super) fn is_docs_folder(entry: &TreeEntry) -> bool {
    entry.kind == TreeKind::Folder && entry.path.eq_ignore_ascii_case("docs")
}

/// The documents among a tree's entries, by path.
pub(super) fn documents(entries: impl IntoIterator<Item = TreeEntry>) -> BTreeMap<String, Candidate> {
    let chosen = entries.into_iter().filter(|entry| entry.kind == TreeKind::File && is_document(&entry.path));
    chosen.map(|entry| (entry.path, Candidate { sha: entry.sha, size: entry.size })).collect()
}

fn is_document(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    match path.split_once('/') {
        Some(("docs", rest)) => is_text(rest.rsplit('/').next().unwrap_or(rest)),
        Some(_) => false,
        None => path == "readme" || (path.starts_with("readme.") && is_text(&path)),
    }
}

fn is_text(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("md" | "markdown" | "rst" | "txt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_and_the_texts_below_docs_are_documents_and_nothing_else() {
        for path in ["README.md", "readme", "Readme.rst", "README.zh.md", "docs/a.md", "docs/a/b/c.RST", "Docs/x.txt", "docs/.hidden.md"] {
            assert!(is_document(path), "{path}");
        }
        for path in
            ["src/README.md", "docs", "docs/logo.png", "docs/a", "mydocs/a.md", "a/docs/b.md", "readme.exe", "README.md/x", "docsa.md"]
        {
            assert!(!is_document(path), "{path}");
        }
    }
}
