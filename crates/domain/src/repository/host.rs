//! The host that repositories live on, as a synchronisation sees it.

use async_trait::async_trait;

use crate::shared::{Classified, Fault, Timestamp};

use super::{AccessToken, NewCommit};

/// Which repository is meant, and with whose right.
#[derive(Debug, Clone)]
pub struct HostTarget {
    /// The account.
    pub owner: String,
    /// The name.
    pub name: String,
    /// Its own token; without one the operator's is used, if any.
    pub token: Option<AccessToken>,
}

/// An answer to a question that was asked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched<T> {
    /// As it was when the validator was given.
    Unchanged,
    /// New or changed.
    Fresh {
        /// What it says.
        value: T,
        /// To ask with next time.
        etag: Option<String>,
    },
}

/// What the host says about a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRepository {
    /// Its id there.
    pub github_id: i64,
    /// Its account today: repositories get renamed and transferred.
    pub owner: String,
    /// Its name today.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Whether it is private.
    pub is_private: bool,
    /// Its page for people.
    pub url: Option<String>,
    /// Where to clone it from.
    pub clone_url: Option<String>,
    /// The branch that is followed.
    pub default_branch: String,
    /// Stars.
    pub stars: i32,
    /// Forks.
    pub forks: i32,
    /// Its main language.
    pub language: Option<String>,
}

/// Which commits are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitRange {
    /// All that lead to `head`, newest first.
    Until {
        /// The last one.
        head: String,
    },
    /// Those that lead to `head` and did not lead to `base`.
    Between {
        /// The last one seen.
        base: String,
        /// The last one.
        head: String,
    },
}

/// Some commits, and whether more follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitPage {
    /// The commits.
    pub commits: Vec<NewCommit>,
    /// Whether a next page exists.
    pub has_next: bool,
}

/// What is said of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRelease {
    /// Its id there.
    pub id: i64,
    /// The tag that it is made of.
    pub tag: String,
    /// What it is called, when it is called otherwise.
    pub name: Option<String>,
    /// What is new in it.
    pub notes: String,
    /// Its page for people.
    pub url: Option<String>,
    /// When it came out.
    pub published_at: Option<Timestamp>,
}

/// Some releases, and whether more follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePage {
    /// The releases, without drafts.
    pub releases: Vec<HostRelease>,
    /// Whether a next page exists.
    pub has_next: bool,
}

/// How deep a tree is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeDepth {
    /// Its own entries.
    Flat,
    /// The entries of the trees in it too.
    Recursive,
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, a submodule: nothing with text of its own.
    Other,
}

/// An entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its path from the tree that was asked for.
    pub path: String,
    /// What it is.
    pub kind: TreeKind,
    /// The hash of its content.
    pub sha: String,
    /// Bytes, of files.
    pub size: Option<u64>,
}

/// A folder at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// What is in it.
    pub entries: Vec<TreeEntry>,
    /// Whether the host left entries out because there are too many.
    pub truncated: bool,
}

/// The host of repositories. Calls are retried within; what comes back as an error has been tried enough for now.
#[async_trait]
pub trait RepositoryHost: Send + Sync {
    /// The repository itself. `etag` is the validator of an earlier answer.
    async fn repository(&self, target: &HostTarget, etag: Option<&str>) -> Result<Fetched<HostRepository>, HostError>;
    /// The newest commit of a branch; [`HostError::EmptyRepository`] when there is none.
    async fn head(&self, target: &HostTarget, branch: &str) -> Result<NewCommit, HostError>;
    /// Commits, by pages from 1. [`HostError::NotFound`] when the base of a range is not known there (any more).
    async fn commits(&self, target: &HostTarget, range: &CommitRange, page: u32) -> Result<CommitPage, HostError>;
    /// Releases, newest first, by pages from 1.
    async fn releases(&self, target: &HostTarget, page: u32) -> Result<ReleasePage, HostError>;
    /// What lies in a commit or a folder, by its hash.
    async fn tree(&self, target: &HostTarget, sha: &str, depth: TreeDepth) -> Result<Tree, HostError>;
    /// A file's content by its hash; [`HostError::TooLarge`] past `limit` bytes, without holding more than that.
    async fn blob(&self, target: &HostTarget, sha: &str, limit: u64) -> Result<Vec<u8>, HostError>;
}

/// Why the host did not give what was asked for. The texts are for people: they end up beside the repository and on the job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// 401.
    #[error("GitHub refused the access token (401): it is wrong, expired or revoked")]
    Unauthorized,
    /// 403 that is no rate limit, or 451.
    #[error("GitHub denied access (403): {reason}")]
    Forbidden {
        /// What GitHub said.
        reason: String,
    },
    /// 404 or 410.
    #[error("GitHub does not know {what} (404), or the access token may not see it")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// 429, or 403 for the same reason.
    #[error("GitHub's rate limit is used up; the next attempt is possible at {}", until.format("%Y-%m-%d %H:%M:%S UTC"))]
    RateLimited {
        /// From when on requests are answered again.
        until: Timestamp,
    },
    /// 5xx on every attempt.
    #[error("GitHub has trouble of its own (status {status}), also after several attempts")]
    ServerError {
        /// The last status.
        status: u16,
    },
    /// No answer in time, on every attempt.
    #[error("GitHub did not answer in time, also after several attempts")]
    Timeout,
    /// No connection, on every attempt.
    #[error("GitHub cannot be reached: {0}")]
    Network(String),
    /// There is no commit yet.
    #[error("the repository has no commits yet")]
    EmptyRepository,
    /// More than the limit allows.
    #[error("the content is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Any other status.
    #[error("GitHub did not accept the request (status {status}): {message}")]
    Refused {
        /// The status.
        status: u16,
        /// What GitHub said.
        message: String,
    },
    /// An answer that cannot be understood.
    #[error("GitHub answered something unexpected: {0}")]
    Unexpected(String),
}

impl Classified for HostError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Unauthorized => (Fault::Upstream, "github-unauthorized"),
            Self::Forbidden { .. } => (Fault::Upstream, "github-forbidden"),
            Self::NotFound { .. } => (Fault::Upstream, "github-not-found"),
            Self::RateLimited { .. } => (Fault::Throttled, "github-rate-limited"),
            Self::ServerError { .. } => (Fault::Upstream, "github-failed"),
            Self::Timeout => (Fault::UpstreamTimeout, "github-timeout"),
            Self::Network(_) => (Fault::Upstream, "github-unreachable"),
            Self::EmptyRepository => (Fault::Conflict, "repository-empty"),
            Self::TooLarge { .. } => (Fault::TooLarge, "too-large"),
            Self::Refused { .. } | Self::Unexpected(_) => (Fault::Upstream, "github-unexpected"),
        }
    }
}
