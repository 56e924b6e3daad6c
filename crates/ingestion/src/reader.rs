//! The domain's port over everything that can be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::Clock;
use commandcenter_domain::repository::{HostTarget, RepositoryHost};
use commandcenter_domain::source::{GithubSettings, Place, ReadFailure, SourceReader, SourceSession};

use crate::feed::Feed;
use crate::fetch::{FetchOptions, Fetcher, SetupError};
use crate::folder::{Folder, is_below};
use crate::github::GithubSession;
use crate::github_files::Globs;
use crate::hacker_news::HackerNews;
use crate::site::Site;

/// How sources are read.
#[derive(Clone)]
pub struct ReaderOptions {
    /// How the outside is reached.
    pub fetch: FetchOptions,
    /// Folders that may be read.
    pub roots: Vec<PathBuf>,
    /// Base URL of Hacker News' search.
    pub hacker_news: String,
    /// The host of repositories.
    pub repositories: Arc<dyn RepositoryHost>,
}

/// Reads sources.
pub struct Reader {
    pub(crate) fetcher: Arc<Fetcher>,
    clock: Arc<dyn Clock>,
    roots: Vec<PathBuf>,
    hacker_news: String,
    repositories: Arc<dyn RepositoryHost>,
}

impl Reader {
    /// A reader.
    ///
    /// # Errors
    /// [`SetupError`] when there is no HTTP client.
    pub fn new(options: ReaderOptions) -> Result<Self, SetupError> {
        let ReaderOptions { fetch, roots, hacker_news, repositories } = options;
        let clock = fetch.clock.clone();
        Ok(Self { fetcher: Arc::new(Fetcher::new(fetch)?), clock, roots, hacker_news, repositories })
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

#[async_trait]
impl SourceReader for Reader {
    fn admit(&self, place: &Place) -> Result<(), ReadFailure> {
        match place {
            Place::Feed { url, .. } | Place::Site { url, .. } => self.fetcher.admit(url),
            // One that does not exist yet may come; one that does must be below a root, whatever links lead to it.
            Place::Folder { path, .. } => {
                let path = Path::new(path);
                let resolved = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
                if !climbs && is_below(&resolved, &self.roots) { Ok(()) } else { Err(ReadFailure::OutsideRoots) }
            }
            Place::GitHub { settings } => Globs::new(settings).map(|_| ()),
            Place::HackerNews { .. } | Place::Webhook => Ok(()),
        }
    }

    async fn open(&self, place: &Place) -> Result<Box<dyn SourceSession>, ReadFailure> {
        Ok(match place.clone() {
            Place::Feed { url, settings } => Box::new(Feed::new(self.fetcher.clone(), url, settings)),
            Place::Site { url, settings } => Box::new(Site::open(self.fetcher.clone(), url, settings).await?),
            Place::Folder { path, settings } => Box::new(Folder::open(&path, &self.roots, settings)?),
            Place::HackerNews { settings } => {
                let (fetcher, clock, base) = (self.fetcher.clone(), self.clock.clone(), self.hacker_news.clone());
                Box::new(HackerNews { fetcher, clock, base, settings })
            }
            Place::GitHub { .. } => {
                return Err(ReadFailure::Format("a repository is read with the right that it is tracked with".to_owned()));
            }
            Place::Webhook => return Err(ReadFailure::Format("documents are pushed to this source, there is nothing to read".to_owned())),
        })
    }

    fn open_repository(&self, target: HostTarget, settings: &GithubSettings) -> Result<Box<dyn SourceSession>, ReadFailure> {
        Ok(Box::new(GithubSession::new(self.repositories.clone(), target, settings.clone())?))
    }
}
