//! A site of documentation: what its sitemaps list and what its pages link to.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::source::{
    Body, CanonicalUrl, Content, Lead, Listed, Listing, Page, Read, ReadFailure, SiteSettings, SourceSession, Validators,
};

use crate::fetch::{Fetched, Fetcher, Request};
use crate::links::{self, PageLinks};
use crate::robots::Rules;
use crate::sitemap;

/// Most bytes of a page.
const LIMIT: u64 = 16 * 1024 * 1024;
/// Different parameters that are followed to one path: a calendar has more of them than anyone reads.
const MOST_QUERIES: usize = 16;

/// Endings of what is no page.
const ASSETS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "css", "js", "mjs", "map", "json", "xml", "woff", "woff2", "ttf", "eot",
    "otf", "zip", "gz", "bz2", "xz", "tar", "tgz", "7z", "exe", "msi", "dmg", "deb", "rpm", "whl", "jar", "iso", "mp3", "mp4", "webm",
    "ogg", "avi", "mov", "wav", "inv", "epub", "mobi", "atom", "rss",
];

/// A site that is being read.
pub(crate) struct Site {
    fetcher: Arc<Fetcher>,
    start: CanonicalUrl,
    settings: SiteSettings,
    rules: Rules,
    pause: Duration,
    /// Parameters that were followed, by path.
    queries: Mutex<HashMap<String, HashSet<String>>>,
}

impl Site {
    /// Asks the site for its rules.
    pub(crate) async fn open(fetcher: Arc<Fetcher>, start: CanonicalUrl, settings: SiteSettings) -> Result<Self, ReadFailure> {
        let rules = Rules::of(&fetcher, &start).await?;
        if !rules.allows(&start) {
            return Err(ReadFailure::Robots(start.host().to_owned()));
        }
        let own = match settings.delay_ms {
            Some(delay) => Duration::from_millis(delay),
            None => fetcher.owed(&start).await,
        };
        let pause = own.max(rules.delay().unwrap_or_default());
        Ok(Self { fetcher, start, settings, rules, pause, queries: Mutex::default() })
    }

    /// Whether a URL is a page of this site that may be read.
    fn is_wanted(&self, url: &CanonicalUrl) -> bool {
        let is_below = self.settings.path_prefix.as_ref().is_none_or(|prefix| url.path().starts_with(prefix.as_str()));
        let ending = url.file_name().rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let is_asset = ending.is_some_and(|ending| ASSETS.contains(&ending.as_str()));
        url.origin() == self.start.origin() && is_below && !is_asset && !url.is_endless() && self.is_new_enough(url)
    }

    /// Whether few enough parameters were followed to its path.
    fn is_new_enough(&self, url: &CanonicalUrl) -> bool {
        let Some(query) = url.query() else { return true };
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = queries.entry(url.path().to_owned()).or_default();
        seen.contains(query) || (seen.len() < MOST_QUERIES && seen.insert(query.to_owned()))
    }

    async fn sitemap(&self) -> sitemap::Found {
        if !self.settings.use_sitemap {
            return sitemap::Found { pages: Vec::new(), notes: Vec::new() };
        }
        let named = self.settings.sitemap_url.as_deref().and_then(CanonicalUrl::parse).map(|url| vec![url]);
        let named = named.unwrap_or_else(|| self.rules.sitemaps());
        let from = if named.is_empty() { self.start.join("/sitemap.xml").into_iter().collect() } else { named };
        sitemap::collect(&self.fetcher, from, self.settings.max_pages.saturating_mul(2)).await
    }

    fn page(&self, asked: &CanonicalUrl, (url, media_type): (CanonicalUrl, &str), validators: Validators, bytes: Vec<u8>) -> Read {
        if url.origin() != self.start.origin() {
            return Read::Skipped(format!("it redirects to another site: {url}"));
        }
        if !is_text(media_type) {
            return Read::Skipped(format!("it is no page but {media_type}"));
        }
        let read = std::str::from_utf8(&bytes).map(links::read).unwrap_or_default();
        if read.no_index {
            return Read::Skipped("the page asks not to be indexed".to_owned());
        }
        let known_as = read.canonical.as_deref().and_then(|link| url.join(link)).filter(|one| self.is_wanted(one)).unwrap_or(url.clone());
        let links = self.followed(&url, read);
        let moved_to = (known_as != *asked).then(|| known_as.to_string());
        let content = Content { name: file_name(&url, media_type), title: None, url: Some(known_as.to_string()), bytes };
        Read::Page(Page { content, validators, links, moved_to })
    }

    fn followed(&self, page: &CanonicalUrl, read: PageLinks) -> Vec<String> {
        if read.no_follow {
            return Vec::new();
        }
        let base = read.base.as_deref().and_then(|base| page.join(base)).unwrap_or_else(|| page.clone());
        let mut links: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        for url in read.links.iter().filter_map(|link| base.join(link)) {
            if url != *page && self.is_wanted(&url) && seen.insert(url.clone()) {
                links.push(url.to_string());
            }
        }
        links
    }
}

#[async_trait]
impl SourceSession for Site {
    async fn list(&self, _: &Validators) -> Result<Listed, ReadFailure> {
        let sitemap::Found { pages, mut notes } = self.sitemap().await;
        let total = pages.len();
        let mut leads = vec![Lead { key: self.start.to_string(), body: Body::Remote, depth: 0 }];
        let listed = pages.into_iter().filter(|url| *url != self.start && self.is_wanted(url));
        leads.extend(listed.map(|url| Lead { key: url.to_string(), body: Body::Remote, depth: 1 }));
        if total > 0 {
            notes.push(format!("the sitemaps list {total} pages, {} of them of this site and below its prefix", leads.len() - 1));
        }
        Ok(Listed::Fresh(Listing { leads, notes, ..Listing::default() }))
    }

    async fn read(&self, key: &str, known: &Validators) -> Result<Read, ReadFailure> {
        let url = CanonicalUrl::parse(key).ok_or_else(|| ReadFailure::Url(key.to_owned()))?;
        if !self.rules.allows(&url) {
            return Ok(Read::Skipped(ReadFailure::Robots(url.host().to_owned()).to_string()));
        }
        match self.fetcher.get(Request { url: &url, known, limit: LIMIT, pause: Some(self.pause) }).await? {
            Fetched::Unchanged => Ok(Read::Unchanged),
            Fetched::Refused(status @ (404 | 410)) => Ok(Read::Gone(format!("the server answered {status}"))),
            Fetched::Refused(status) => Err(ReadFailure::Status(status)),
            Fetched::Fresh { url: found, media_type, validators, bytes } => {
                if !self.rules.allows(&found) {
                    return Ok(Read::Skipped(ReadFailure::Robots(found.host().to_owned()).to_string()));
                }
                Ok(self.page(&url, (found, &media_type), validators, bytes))
            }
        }
    }
}

/// Whether a media type is text that people read.
pub(crate) fn is_text(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "text/html" | "application/xhtml+xml" | "text/plain" | "text/markdown" | "text/x-markdown" | "text/x-rst" | "application/pdf"
    )
}

/// A file name that tells the reader of documents what it is about to read.
pub(crate) fn file_name(url: &CanonicalUrl, media_type: &str) -> String {
    let name: String = url.file_name().chars().filter(|c| !c.is_control()).take(200).collect();
    let name = if name.is_empty() { "index".to_owned() } else { name };
    let ending = match media_type {
        "text/html" | "application/xhtml+xml" => ".html",
        "text/markdown" | "text/x-markdown" => ".md",
        "text/x-rst" => ".rst",
        "application/pdf" => ".pdf",
        _ => "",
    };
    if name.to_ascii_lowercase().ends_with(ending) { name } else { format!("{name}{ending}") }
}
