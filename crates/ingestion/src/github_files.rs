//! Which files of a repository are read.

use std::path::Path;

use commandcenter_domain::repository::{TreeEntry, TreeKind};
use commandcenter_domain::source::{GithubSettings, ReadFailure, RepositoryPart};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Endings of documents.
const DOCUMENTS: &[&str] = &["md", "markdown", "mdx", "txt", "rst", "rest", "html", "htm", "pdf", "docx", "pptx", "ipynb"];
/// Endings of source code whose definitions are known.
const CODE: &[&str] = &[
    "rs", "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "go", "java", "c", "h", "cc", "cpp", "cxx", "hh", "hpp",
    "hxx", "cs", "rb", "php",
];
/// Folders that others' work lies in, or what machines made.
const FOREIGN: &[&str] = &["node_modules", "vendor", "third_party", "target", "dist"];

/// The globs of a source.
#[derive(Debug, Clone)]
pub(crate) struct Globs {
    include: Option<Gitignore>,
    exclude: Gitignore,
}

impl Globs {
    /// Reads the globs of a source.
    pub(crate) fn new(settings: &GithubSettings) -> Result<Self, ReadFailure> {
        let include = if settings.include.is_empty() { None } else { Some(matcher(&settings.include)?) };
        Ok(Self { include, exclude: matcher(&settings.exclude)? })
    }

    fn admit(&self, path: &str) -> bool {
        let matches = |globs: &Gitignore| globs.matched_path_or_any_parents(Path::new(path), false).is_ignore();
        self.include.as_ref().is_none_or(matches) && !matches(&self.exclude)
    }

    /// Whether a file of a repository is read.
    pub(crate) fn wants(&self, settings: &GithubSettings, entry: &TreeEntry) -> bool {
        let is_known = entry.kind == TreeKind::File && entry.path.len() <= 1000 && !entry.path.starts_with('/');
        is_known && part_of(&entry.path).is_some_and(|part| settings.reads(part)) && self.admit(&entry.path)
    }
}

fn matcher(patterns: &[String]) -> Result<Gitignore, ReadFailure> {
    let wrong = |err: ignore::Error| ReadFailure::Format(format!("a pattern cannot be read: {err}"));
    let mut globs = GitignoreBuilder::new("");
    for pattern in patterns {
        globs.add_line(None, pattern.trim_start_matches('!')).map_err(wrong)?;
    }
    globs.build().map_err(wrong)
}

/// What part of a repository a file is, by its path; none for what is hidden, made by machines or others' work.
pub(crate) fn part_of(path: &str) -> Option<RepositoryPart> {
    let lower = path.to_ascii_lowercase();
    let mut segments: Vec<&str> = lower.split('/').collect();
    let name = segments.pop()?;
    let is_foreign = |segment: &&str| segment.starts_with('.') || FOREIGN.contains(segment);
    if segments.iter().any(is_foreign) || name.starts_with('.') {
        return None;
    }
    let (stem, ending) = name.rsplit_once('.').map_or((name, None), |(stem, ending)| (stem, Some(ending)));
    let is_document = ending.is_some_and(|ending| DOCUMENTS.contains(&ending));
    let is_readme = stem == "readme" || stem.starts_with("readme.");
    match ending {
        None => is_readme.then_some(RepositoryPart::Readme),
        Some(_) if is_document && is_readme => Some(RepositoryPart::Readme),
        Some(_) if is_document => Some(RepositoryPart::Docs),
        Some(ending) => (CODE.contains(&ending) && !stem.ends_with(".min")).then_some(RepositoryPart::Code),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::shared::RepositoryId;

    use super::*;

    #[test]
    fn files_are_told_apart_by_their_paths() {
        for (path, part) in [
            ("README.md", Some(RepositoryPart::Readme)),
            ("readme", Some(RepositoryPart::Readme)),
            ("crates/a/README.zh.md", Some(RepositoryPart::Readme)),
            ("docs/guide.md", Some(RepositoryPart::Docs)),
            ("CHANGELOG.md", Some(RepositoryPart::Docs)),
            ("paper.PDF", Some(RepositoryPart::Docs)),
            ("src/main.rs", Some(RepositoryPart::Code)),
            ("web/app.tsx", Some(RepositoryPart::Code)),
            ("web/app.min.js", None),
            ("node_modules/a/README.md", None),
            (".github/README.md", None),
            ("docs/.hidden.md", None),
            ("logo.svg", None),
            ("Cargo.lock", None),
            ("LICENSE", None),
        ] {
            assert_eq!(part_of(path), part, "{path}");
        }
    }

    #[test]
    fn globs_narrow_and_a_folder_takes_what_is_below_it() {
        let settings = |include: &[&str], exclude: &[&str]| GithubSettings {
            repository: RepositoryId::new(1),
            parts: vec![RepositoryPart::Docs, RepositoryPart::Code],
            include: include.iter().map(|glob| (*glob).to_owned()).collect(),
            exclude: exclude.iter().map(|glob| (*glob).to_owned()).collect(),
            max_files: 10,
            max_releases: 10,
            max_commits: 10,
        };
        let wanted = |settings: &GithubSettings, path: &str| {
            let entry = TreeEntry { path: path.to_owned(), kind: TreeKind::File, sha: "a".to_owned(), size: None };
            Globs::new(settings).unwrap().wants(settings, &entry)
        };
        let some = settings(&["docs/", "*.rs"], &["docs/old/", "**/tests/**"]);
        for path in ["docs/a.md", "docs/b/c.md", "src/main.rs"] {
            assert!(wanted(&some, path), "{path}");
        }
        for path in ["docs/old/a.md", "src/tests/a.rs", "guide.md", "README.md", "src/a.py"] {
            assert!(!wanted(&some, path), "{path}");
        }
        assert!(wanted(&settings(&[], &[]), "guide.md"));
        assert!(Globs::new(&settings(&["a{b"], &[])).is_err());
    }
}
