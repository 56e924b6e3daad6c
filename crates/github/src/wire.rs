//! GitHub's JSON, as far as it is needed, and what it means here.

use chrono::{DateTime, Utc};
use commandcenter_domain::repository::{HostError, HostRelease, HostRepository, NewCommit, Tree, TreeEntry, TreeKind};
use serde::Deserialize;

/// Most characters kept of a commit's message.
const MAX_MESSAGE: usize = 20_000;
/// Most characters kept of what is said of a release.
const MAX_NOTES: usize = 200_000;

#[derive(Debug, Deserialize)]
pub(crate) struct RepositoryWire {
    id: i64,
    name: String,
    owner: OwnerWire,
    #[serde(default)]
    private: bool,
    html_url: Option<String>,
    clone_url: Option<String>,
    description: Option<String>,
    default_branch: Option<String>,
    #[serde(default)]
    stargazers_count: i64,
    #[serde(default)]
    forks_count: i64,
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OwnerWire {
    login: String,
}

impl From<RepositoryWire> for HostRepository {
    fn from(wire: RepositoryWire) -> Self {
        let RepositoryWire {
            id,
            name,
            owner,
            private,
            html_url,
            clone_url,
            description,
            default_branch,
            stargazers_count,
            forks_count,
            language,
        } = wire;
        Self {
            github_id: id,
            owner: clean(owner.login),
            name: clean(name),
            description: description.map(clean).filter(|text| !text.trim().is_empty()),
            is_private: private,
            url: html_url.map(clean),
            clone_url: clone_url.map(clean),
            default_branch: default_branch.map_or_else(|| "main".to_owned(), clean),
            stars: count(stargazers_count),
            forks: count(forks_count),
            language: language.map(clean),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct CommitWire {
    sha: String,
    html_url: Option<String>,
    commit: CommitInnerWire,
}

#[derive(Debug, Deserialize)]
struct CommitInnerWire {
    #[serde(default)]
    message: String,
    author: Option<SignatureWire>,
    committer: Option<SignatureWire>,
}

#[derive(Debug, Deserialize)]
struct SignatureWire {
    name: Option<String>,
    email: Option<String>,
    date: Option<DateTime<Utc>>,
}

impl TryFrom<CommitWire> for NewCommit {
    type Error = HostError;

    fn try_from(wire: CommitWire) -> Result<Self, HostError> {
        let CommitWire { sha, html_url, commit: CommitInnerWire { message, author, committer } } = wire;
        let authored_at = author.as_ref().and_then(|author| author.date);
        let committed_at = committer.and_then(|committer| committer.date).or(authored_at);
        let (author_name, author_email) = author.map_or((None, None), |author| (author.name, author.email));
        Ok(Self {
            sha: hash(sha)?,
            message: clean(message).chars().take(MAX_MESSAGE).collect(),
            author_name: author_name.map(clean),
            author_email: author_email.map(clean),
            authored_at,
            committed_at: committed_at.ok_or_else(|| HostError::Unexpected("a commit without a date".to_owned()))?,
            url: html_url.map(clean),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct CompareWire {
    pub(crate) commits: Vec<CommitWire>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ReleaseWire {
    id: i64,
    tag_name: String,
    name: Option<String>,
    body: Option<String>,
    html_url: Option<String>,
    #[serde(default)]
    draft: bool,
    published_at: Option<DateTime<Utc>>,
}

impl ReleaseWire {
    /// The release; a draft is none yet.
    pub(crate) fn published(self) -> Option<HostRelease> {
        let Self { id, tag_name, name, body, html_url, draft, published_at } = self;
        (!draft).then(|| HostRelease {
            id,
            tag: clean(tag_name),
            name: name.map(clean).filter(|name| !name.trim().is_empty()),
            notes: clean(body.unwrap_or_default()).chars().take(MAX_NOTES).collect(),
            url: html_url.map(clean),
            published_at,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct TreeWire {
    tree: Vec<EntryWire>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Debug, Deserialize)]
struct EntryWire {
    path: Option<String>,
    mode: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    sha: Option<String>,
    size: Option<u64>,
}

impl TryFrom<TreeWire> for Tree {
    type Error = HostError;

    fn try_from(wire: TreeWire) -> Result<Self, HostError> {
        let TreeWire { tree, truncated } = wire;
        let entries = tree.into_iter().filter_map(entry).collect::<Result<_, _>>()?;
        Ok(Self { entries, truncated })
    }
}

/// Entries without path or hash name nothing that could be read.
fn entry(wire: EntryWire) -> Option<Result<TreeEntry, HostError>> {
    let EntryWire { path, mode, kind, sha, size } = wire;
    let (path, sha) = (clean(path?), sha?);
    let kind = match (kind.as_deref(), mode.as_deref()) {
        // A symbolic link is a blob whose content is a path.
        (Some("blob"), Some("120000")) => TreeKind::Other,
        (Some("blob"), _) => TreeKind::File,
        (Some("tree"), _) => TreeKind::Folder,
        (_, _) => TreeKind::Other,
    };
    Some(hash(sha).map(|sha| TreeEntry { path, kind, sha, size }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct BlobWire {
    pub(crate) content: String,
    pub(crate) encoding: String,
}

/// A hash goes into paths of further requests: nothing else may.
fn hash(text: String) -> Result<String, HostError> {
    let fits = (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    if fits { Ok(text) } else { Err(HostError::Unexpected("a hash that is none".to_owned())) }
}

/// Text without NUL, which one of the databases cannot store.
fn clean(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

fn count(number: i64) -> i32 {
    i32::try_from(number.max(0)).unwrap_or(i32::MAX)
}
