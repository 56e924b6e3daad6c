//! Repositories that are played: their commits, and how far the play has gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A file at a commit.
#[derive(Debug, Clone)]
pub struct ScriptFile {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The size that the tree claims, when it is another.
    pub claimed: Option<u64>,
}

/// A release, from the commit on that was the last one when it was made.
#[derive(Debug, Clone)]
pub(super) struct ScriptRelease {
    pub(super) id: i64,
    pub(super) tag: String,
    pub(super) notes: String,
    pub(super) is_draft: bool,
    commits: usize,
}

#[derive(Debug, Clone)]
struct ScriptCommit {
    message: String,
    changes: Vec<(String, Option<ScriptFile>)>,
}

/// A played repository.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) id: i64,
    pub(super) is_private: bool,
    pub(super) token: Option<String>,
    pub(super) truncates_trees: bool,
    commits: Vec<ScriptCommit>,
    releases: Vec<ScriptRelease>,
    /// How many commits are visible: the head is the last of them.
    visible: usize,
    /// Where the play stops next.
    stages: Vec<usize>,
}

/// A commit as the host would tell it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) sha: String,
    pub(super) message: String,
    pub(super) date: String,
    pub(super) parent: Option<String>,
}

impl Script {
    /// A repository without commits.
    #[must_use]
    pub fn new(owner: &str, name: &str) -> Self {
        let id = i64::from(u32::from_be_bytes(digest(&[owner, name])[..4].try_into().unwrap()));
        let (owner, name) = (owner.to_owned(), name.to_owned());
        Self {
            owner,
            name,
            id,
            is_private: false,
            token: None,
            truncates_trees: false,
            commits: Vec::new(),
            releases: Vec::new(),
            visible: 0,
            stages: Vec::new(),
        }
    }

    /// Adds a commit: files that it writes, and files that it removes (`None`).
    #[must_use]
    pub fn commit(mut self, message: &str, changes: &[(&str, Option<&str>)]) -> Self {
        let file = |text: &str| ScriptFile { bytes: text.as_bytes().to_vec(), claimed: None };
        let changes = changes.iter().map(|(path, text)| ((*path).to_owned(), text.map(file))).collect();
        self.commits.push(ScriptCommit { message: message.to_owned(), changes });
        self
    }

    /// Adds a commit of one file whose tree claims a size.
    #[must_use]
    pub fn commit_claiming(mut self, path: &str, bytes: Vec<u8>, claimed: u64) -> Self {
        let file = ScriptFile { bytes, claimed: Some(claimed) };
        self.commits.push(ScriptCommit { message: format!("Add {path}"), changes: vec![(path.to_owned(), Some(file))] });
        self
    }

    /// Adds a release of the last commit.
    #[must_use]
    pub fn release(self, tag: &str, notes: &str) -> Self {
        self.released(tag, notes, false)
    }

    /// Adds a release that is not published.
    #[must_use]
    pub fn draft(self, tag: &str, notes: &str) -> Self {
        self.released(tag, notes, true)
    }

    fn released(mut self, tag: &str, notes: &str, is_draft: bool) -> Self {
        let id = i64::try_from(self.releases.len()).unwrap() + 1;
        let (tag, notes, commits) = (tag.to_owned(), notes.to_owned(), self.commits.len());
        self.releases.push(ScriptRelease { id, tag, notes, is_draft, commits });
        self
    }

    /// The visible releases, newest first.
    pub(super) fn releases(&self) -> Vec<&ScriptRelease> {
        let shown = if self.stages.is_empty() { self.commits.len() } else { self.visible };
        self.releases.iter().rev().filter(|release| release.commits <= shown).collect()
    }

    /// Ends a stage: what follows is hidden until the play advances.
    #[must_use]
    pub fn stage(mut self) -> Self {
        self.stages.push(self.commits.len());
        self.visible = self.stages[0];
        self
    }

    /// Answers only to this token, 404 to everybody else.
    #[must_use]
    pub fn private(mut self, token: &str) -> Self {
        self.is_private = true;
        self.token = Some(token.to_owned());
        self
    }

    /// Says of every recursive tree that it is cut short, as GitHub does with very large ones.
    #[must_use]
    pub fn with_truncated_trees(mut self) -> Self {
        self.truncates_trees = true;
        self
    }

    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    pub(super) fn advance(&mut self) {
        let next = self.stages.iter().copied().find(|stage| *stage > self.visible);
        self.visible = next.unwrap_or(self.commits.len());
    }

    /// The visible commits, newest first.
    pub(super) fn told(&self) -> Vec<Told> {
        let shown = if self.stages.is_empty() { self.commits.len() } else { self.visible };
        (0..shown).rev().map(|index| self.tell(index)).collect()
    }

    fn tell(&self, index: usize) -> Told {
        let sha = |index: usize| hex(&digest(&[&self.id.to_string(), &index.to_string(), &self.commits[index].message]));
        // One commit a day: the day of the month and the month follow from the index.
        let (month, day) = (index / 28 % 12 + 1, index % 28 + 1);
        let date = format!("2026-{month:02}-{day:02}T09:00:00Z");
        Told { sha: sha(index), message: self.commits[index].message.clone(), date, parent: index.checked_sub(1).map(sha) }
    }

    /// The files at a commit.
    pub(super) fn files_at(&self, sha: &str) -> Option<BTreeMap<String, ScriptFile>> {
        let index = (0..self.commits.len()).find(|index| self.tell(*index).sha == sha)?;
        let mut files = BTreeMap::new();
        for (path, file) in self.commits[..=index].iter().flat_map(|commit| &commit.changes) {
            match file {
                Some(file) => files.insert(path.clone(), file.clone()),
                None => files.remove(path),
            };
        }
        Some(files)
    }

    /// The content with a hash, at whatever commit.
    pub(super) fn blob(&self, sha: &str) -> Option<&ScriptFile> {
        let mut files = self.commits.iter().flat_map(|commit| &commit.changes).filter_map(|(_, file)| file.as_ref());
        files.find(|file| blob_sha(&file.bytes) == sha)
    }
}

/// The hash of a content. Not git's (that is SHA-1), but as stable and of the same form.
pub(super) fn blob_sha(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The hash of a folder.
pub(super) fn folder_sha(commit: &str, path: &str) -> String {
    hex(&digest(&[commit, path]))
}

fn digest(parts: &[&str]) -> Vec<u8> {
    Sha256::digest(parts.join("\n").as_bytes()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0'));
    bytes.iter().take(20).flat_map(digits).collect()
}
