//! What services need of the adapter that reads sources.

use async_trait::async_trait;

use crate::repository::{HostError, HostTarget};

use super::{CanonicalUrl, GithubSettings, Place};

/// What an answer said of itself, sent back when the same is asked for again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its entity tag.
    pub etag: Option<String>,
    /// When it last changed, as the server wrote it.
    pub last_modified: Option<String>,
}

/// The content of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// A file name that fits it.
    pub name: String,
    /// What it is called, when its source says so.
    pub title: Option<String>,
    /// Where people can read it.
    pub url: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Where the content of an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// It came with the list.
    Inline(Content),
    /// It has to be read.
    Remote,
    /// It has to be read; when that fails, there is this.
    RemoteOr(Content),
}

/// An item that a source lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// What tells it from others of the source.
    pub key: String,
    /// Where its content is.
    pub body: Body,
    /// Links from the first page.
    pub depth: i32,
}

/// What a source lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The items, those to read first first.
    pub leads: Vec<Lead>,
    /// What the answer said of itself.
    pub validators: Validators,
    /// What a person should know: what was left out, and why.
    pub notes: Vec<String>,
    /// Whether an item that is not listed is gone.
    pub is_complete: bool,
    /// Keys that begin with one of these are kept in spite of that: a limit left them out.
    pub kept: Vec<&'static str>,
}

/// The answer to asking a source for its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// It is the one that was read before.
    Unchanged,
    /// This.
    Fresh(Listing),
}

/// An item that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its content.
    pub content: Content,
    /// What the answer said of itself.
    pub validators: Validators,
    /// Keys that it links to and that belong to the source.
    pub links: Vec<String>,
    /// The key it moved to.
    pub moved_to: Option<String>,
}

/// What came of reading an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// It is as it was read before.
    Unchanged,
    /// It is there.
    Page(Page),
    /// It is no longer there, for this reason.
    Gone(String),
    /// It is there and not for us: not text, or forbidden.
    Skipped(String),
}

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// It leads to an address that is not reached from here.
    #[error("{host} leads to {address}, an address that this instance does not reach (net.allow_private says which it may)")]
    Address {
        /// The host.
        host: String,
        /// The address.
        address: String,
    },
    /// No URL that can be read.
    #[error("{0} is not a URL that can be read")]
    Url(String),
    /// The server answered with another status.
    #[error("the server answered {0}")]
    Status(u16),
    /// The server has too much to do, and still had after we waited.
    #[error("the server answered {status} and asks to come back in {seconds} s")]
    Busy {
        /// 429 or 503.
        status: u16,
        /// What it asked for.
        seconds: u64,
    },
    /// More bytes than are read.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// No answer in time.
    #[error("no answer within {0} s")]
    Timeout(u64),
    /// Redirects without end.
    #[error("it was redirected more than {0} times")]
    Redirects(usize),
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Network(String),
    /// The answer is not what it should be.
    #[error("{0}")]
    Format(String),
    /// The site forbids it.
    #[error("robots.txt of {0} forbids it")]
    Robots(String),
    /// The folder is not below a root that may be read.
    #[error("the folder is not below one of ingestion.allowed_roots")]
    OutsideRoots,
    /// A file or folder cannot be read.
    #[error("{0}")]
    Disk(String),
    /// The host of a repository did not give what was asked for.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl ReadFailure {
    /// Whether another try may go better.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Timeout(_) | Self::Network(_) => true,
            Self::Status(status) => *status >= 500,
            Self::Host(err) => matches!(
                err,
                HostError::RateLimited { .. }
                    | HostError::ServerError { .. }
                    | HostError::Timeout
                    | HostError::Network(_)
                    | HostError::Unexpected(_)
            ),
            Self::Address { .. }
            | Self::Url(_)
            | Self::TooLarge(_)
            | Self::Redirects(_)
            | Self::Format(_)
            | Self::Robots(_)
            | Self::OutsideRoots
            | Self::Disk(_) => false,
        }
    }
}

impl ReadFailure {
    /// Whether every further item would meet the same: the run had better end here and go on later.
    #[must_use]
    pub const fn ends_run(&self) -> bool {
        let Self::Host(err) = self else { return false };
        matches!(
            err,
            HostError::RateLimited { .. }
                | HostError::Unauthorized
                | HostError::Forbidden { .. }
                | HostError::ServerError { .. }
                | HostError::Timeout
                | HostError::Network(_)
        )
    }
}

/// Reads sources.
#[async_trait]
pub trait SourceReader: Send + Sync {
    /// Whether a place may be read at all, as far as that can be told without reaching it.
    ///
    /// # Errors
    /// Why it may not.
    fn admit(&self, place: &Place) -> Result<(), ReadFailure>;
    /// Begins to read a place: the rules of its site are asked for.
    async fn open(&self, place: &Place) -> Result<Box<dyn SourceSession>, ReadFailure>;
    /// Begins to read a repository, with the right that it is read with.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn open_repository(&self, target: HostTarget, settings: &GithubSettings) -> Result<Box<dyn SourceSession>, ReadFailure>;
}

/// A place that is being read.
#[async_trait]
pub trait SourceSession: Send + Sync {
    /// What it lists.
    async fn list(&self, known: &Validators) -> Result<Listed, ReadFailure>;
    /// One of its items.
    async fn read(&self, key: &str, known: &Validators) -> Result<Read, ReadFailure>;
}

/// Reads single pages, for people who name them.
#[async_trait]
pub trait PageReader: Send + Sync {
    /// Whether a page may be read at all, as far as that can be told without reaching it.
    ///
    /// # Errors
    /// Why it may not.
    fn admit(&self, url: &CanonicalUrl) -> Result<(), ReadFailure>;
    /// Reads a page of at most `limit` bytes, whatever kind of file it is.
    async fn page(&self, url: &CanonicalUrl, known: &Validators, limit: u64) -> Result<Read, ReadFailure>;
}

/// Judges pushes. Takes the same time whatever is wrong.
pub trait PushSignatures: Send + Sync {
    /// Whether `signature` (`sha256=` and hex) is the HMAC-SHA256 of the body under the secret.
    fn is_signed(&self, secret: &str, body: &[u8], signature: &str) -> bool;
    /// Whether two keys are the same.
    fn is_same(&self, secret: &str, key: &str) -> bool;
}
