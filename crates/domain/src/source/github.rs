//! How a repository of GitHub is read.

use serde_json::{Value, json};

use crate::shared::RepositoryId;
use crate::text_enum;

use super::settings::{ConfigReader, size};

text_enum! {
    /// A part of a repository that can be read.
    RepositoryPart {
        /// READMEs, wherever they lie.
        Readme = "readme",
        /// Documents other than READMEs, wherever they lie.
        Docs = "docs",
        /// What is said of releases.
        Releases = "releases",
        /// The messages of commits.
        Commits = "commits",
        /// Source code.
        Code = "code",
    }
}

/// How a repository of GitHub is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubSettings {
    /// The tracked repository.
    pub repository: RepositoryId,
    /// What is read of it.
    pub parts: Vec<RepositoryPart>,
    /// Only files that match one of these globs; all of the parts when empty.
    pub include: Vec<String>,
    /// Files and folders that match one of these globs are left out.
    pub exclude: Vec<String>,
    /// Most files.
    pub max_files: usize,
    /// Most releases, newest first.
    pub max_releases: usize,
    /// Most commits, newest first.
    pub max_commits: usize,
}

impl GithubSettings {
    pub(super) fn read(config: &mut ConfigReader<'_>) -> Self {
        let repository = config.optional_number("repository_id", (1, i64::MAX.unsigned_abs()));
        if repository.is_none() {
            config.note("repository_id", "required", "must be the id of a repository that this project tracks");
        }
        let named = config.texts("parts", (8, 32));
        let mut parts: Vec<RepositoryPart> = Vec::new();
        for name in &named {
            match RepositoryPart::parse(name) {
                Some(part) if parts.contains(&part) => {}
                Some(part) => parts.push(part),
                None => config.note("parts", "invalid", "may hold `readme`, `docs`, `releases`, `commits` and `code`"),
            }
        }
        if named.is_empty() {
            parts = vec![RepositoryPart::Readme, RepositoryPart::Docs, RepositoryPart::Releases];
        }
        Self {
            repository: RepositoryId::new(repository.and_then(|id| i64::try_from(id).ok()).unwrap_or_default()),
            parts,
            include: config.texts("include", (50, 200)),
            exclude: config.texts("exclude", (50, 200)),
            max_files: size(config.number("max_files", 2000, (1, 20_000))),
            max_releases: size(config.number("max_releases", 100, (1, 1000))),
            max_commits: size(config.number("max_commits", 200, (1, 5000))),
        }
    }

    pub(super) fn write(&self) -> Value {
        let Self { repository, parts, include, exclude, max_files, max_releases, max_commits } = self;
        json!({
            "repository_id": repository,
            "parts": parts,
            "include": include,
            "exclude": exclude,
            "max_files": max_files,
            "max_releases": max_releases,
            "max_commits": max_commits,
        })
    }

    /// Whether a part is read.
    #[must_use]
    pub fn reads(&self, part: RepositoryPart) -> bool {
        self.parts.contains(&part)
    }
}
