//! Feeds: RSS, Atom and JSON.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::source::{
    Body, CanonicalUrl, Content, FeedSettings, Lead, Listed, Listing, Page, Read, ReadFailure, SourceSession, Validators,
};
use feed_rs::model::{Entry, Feed as Parsed};
use sha2::{Digest, Sha256};

use crate::fetch::{Fetched, Fetcher, Request};
use crate::robots::RuleBook;
use crate::site::{file_name, is_text};

/// Most bytes of a feed.
const LIMIT: u64 = 32 * 1024 * 1024;
/// Most bytes of the page behind an entry.
const PAGE_LIMIT: u64 = 16 * 1024 * 1024;

/// A feed that is being read.
pub(crate) struct Feed {
    fetcher: Arc<Fetcher>,
    url: CanonicalUrl,
    settings: FeedSettings,
    rules: RuleBook,
}

impl Feed {
    pub(crate) fn new(fetcher: Arc<Fetcher>, url: CanonicalUrl, settings: FeedSettings) -> Self {
        Self { fetcher, url, settings, rules: RuleBook::default() }
    }

    async fn listing(&self, at: CanonicalUrl, validators: Validators, bytes: Vec<u8>) -> Result<Listing, ReadFailure> {
        let settings = self.settings.clone();
        let parsed = tokio::task::spawn_blocking(move || parse(&bytes, at.as_str()).map(|feed| leads(feed, &at, &settings))).await;
        let (leads, notes) = parsed.unwrap_or_else(|_| Err(ReadFailure::Format("the parser gave up".to_owned())))?;
        Ok(Listing { leads, validators, notes, ..Listing::default() })
    }
}

#[async_trait]
impl SourceSession for Feed {
    async fn list(&self, known: &Validators) -> Result<Listed, ReadFailure> {
        let pause = self.fetcher.owed(&self.url).await;
        match self.fetcher.get(Request { url: &self.url, known, limit: LIMIT, pause: Some(pause) }).await? {
            Fetched::Unchanged => Ok(Listed::Unchanged),
            Fetched::Refused(status) => Err(ReadFailure::Status(status)),
            Fetched::Fresh { url, validators, bytes, .. } => Ok(Listed::Fresh(self.listing(url, validators, bytes).await?)),
        }
    }

    async fn read(&self, key: &str, known: &Validators) -> Result<Read, ReadFailure> {
        let url = CanonicalUrl::parse(key).ok_or_else(|| ReadFailure::Url(key.to_owned()))?;
        let rules = self.rules.of(&self.fetcher, &url).await?;
        if !rules.allows(&url) {
            return Ok(Read::Skipped(ReadFailure::Robots(url.host().to_owned()).to_string()));
        }
        let pause = self.fetcher.owed(&url).await.max(rules.delay().unwrap_or_default());
        match self.fetcher.get(Request { url: &url, known, limit: PAGE_LIMIT, pause: Some(pause) }).await? {
            Fetched::Unchanged => Ok(Read::Unchanged),
            Fetched::Refused(status @ (404 | 410)) => Ok(Read::Gone(format!("the server answered {status}"))),
            Fetched::Refused(status) => Err(ReadFailure::Status(status)),
            Fetched::Fresh { media_type, .. } if !is_text(&media_type) => Ok(Read::Skipped(format!("it is no page but {media_type}"))),
            Fetched::Fresh { url: found, media_type, validators, bytes } => {
                let content = Content { name: file_name(&found, &media_type), title: None, url: Some(found.to_string()), bytes };
                // The entry stays known by its own link, wherever that leads today.
                Ok(Read::Page(Page { content, validators, links: Vec::new(), moved_to: None }))
            }
        }
    }
}

pub(crate) fn parse(bytes: &[u8], base: &str) -> Result<Parsed, ReadFailure> {
    // Ids that the parser makes up differ from run to run.
    let parser = feed_rs::parser::Builder::new().base_uri(Some(base)).id_generator(|_, _, _| String::new()).build();
    parser.parse(bytes).map_err(|err| ReadFailure::Format(format!("it is no feed that can be read: {err}")))
}

/// The newest entries, and what a person should know of the others.
fn leads(feed: Parsed, at: &CanonicalUrl, settings: &FeedSettings) -> (Vec<Lead>, Vec<String>) {
    let total = feed.entries.len();
    let mut entries = feed.entries;
    // Stable: entries without a date keep their place behind those with one.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated.or(entry.published)));
    let mut notes = Vec::new();
    if total > settings.max_entries {
        notes.push(format!("the feed has {total} entries: the newest {} were taken", settings.max_entries));
    }
    let leads = entries.into_iter().take(settings.max_entries).map(|entry| lead(entry, at, settings.full_text)).collect();
    (leads, notes)
}

fn lead(entry: Entry, at: &CanonicalUrl, full_text: bool) -> Lead {
    let link = entry.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate")).or(entry.links.first());
    let link = link.and_then(|link| at.join(&link.href));
    let body = entry.content.as_ref().and_then(|content| content.body.clone()).filter(|body| !body.trim().is_empty());
    let has_body = body.is_some();
    let summary = entry.summary.as_ref().map(|text| text.content.clone()).unwrap_or_default();
    let title = entry.title.as_ref().map(|title| plain(&title.content)).filter(|title| !title.is_empty());
    let inline = document(title.as_deref(), link.as_ref(), body.as_deref().unwrap_or(&summary));
    let key = link.as_ref().map_or_else(|| own_key(&entry, &inline.bytes), ToString::to_string);
    let body = match link {
        Some(_) if full_text && !has_body => Body::RemoteOr(inline),
        Some(_) | None => Body::Inline(inline),
    };
    Lead { key, body, depth: 0 }
}

/// What tells an entry without a link from others: its id, else its content.
fn own_key(entry: &Entry, content: &[u8]) -> String {
    if entry.id.is_empty() {
        format!("entry:{}", hex::encode(&Sha256::digest(content)[..16]))
    } else {
        format!("entry:{}", entry.id.chars().take(500).collect::<String>())
    }
}

/// The entry as a page of its own.
fn document(title: Option<&str>, link: Option<&CanonicalUrl>, body: &str) -> Content {
    let heading = escaped(title.unwrap_or("Untitled"));
    let page = format!(
        "<!doctype html><html><head><title>{heading}</title></head><body><article><h1>{heading}</h1>\n<div>{body}</div></article></body></html>"
    );
    let title = title.map(str::to_owned);
    Content { name: "entry.html".to_owned(), title, url: link.map(ToString::to_string), bytes: page.into_bytes() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A title without markup, on one line.
fn plain(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    let mut is_tag = false;
    for c in title.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, settings: &FeedSettings) -> (Vec<Lead>, Vec<String>) {
        let at = CanonicalUrl::parse("http://e.org/feed.xml").unwrap();
        leads(parse(text.as_bytes(), at.as_str()).unwrap(), &at, settings)
    }

    const ALL: FeedSettings = FeedSettings { max_entries: 100, full_text: false };

    fn inline(lead: &Lead) -> String {
        match &lead.body {
            Body::Inline(content) | Body::RemoteOr(content) => String::from_utf8(content.bytes.clone()).unwrap(),
            Body::Remote => String::new(),
        }
    }

    #[test]
    fn the_three_formats_give_the_same() {
        let rss = "<rss version='2.0'><channel><title>T</title><link>http://e.org/</link><description>d</description><item><title>One &amp; two</title><link>/a?utm_source=rss</link><description>Body of one</description></item></channel></rss>";
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>urn:t</id><updated>2026-01-01T00:00:00Z</updated><entry><title>One &amp; two</title><id>urn:a</id><link href='http://e.org/a'/><updated>2026-01-01T00:00:00Z</updated><content type='html'>Body of one</content></entry></feed>";
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"a","url":"http://e.org/a","title":"One & two","content_html":"Body of one"}]}"#;
        for text in [rss, atom, json] {
            let (found, notes) = read(text, &ALL);
            assert_eq!((found.len(), found[0].key.as_str(), notes.len()), (1, "http://e.org/a", 0), "{text}");
            let page = inline(&found[0]);
            assert!(page.contains("<h1>One &amp; two</h1>") && page.contains("Body of one"), "{page}");
        }
    }

    #[test]
    fn a_feed_without_links_and_ids_gives_the_same_keys_every_time() {
        let rss = "<rss version='2.0'><channel><title>T</title><link>http://e.org/</link><description>d</description><item><title>A</title><description>x</description></item><item><title>B</title><description>y</description></item></channel></rss>";
        let keys = || read(rss, &ALL).0.into_iter().map(|lead| lead.key).collect::<Vec<_>>();
        assert_eq!(keys(), keys());
        assert_ne!(keys()[0], keys()[1]);
    }

    #[test]
    fn fifty_thousand_entries_are_bounded_and_told() {
        let items =
            (0..50_000).map(|n| format!("<item><title>N {n}</title><link>http://e.org/{n}</link></item>")).collect::<Vec<_>>().concat();
        let rss = format!(
            "<rss version='2.0'><channel><title>T</title><link>http://e.org/</link><description>d</description>{items}</channel></rss>"
        );
        let (found, notes) = read(&rss, &ALL);
        assert_eq!((found.len(), notes), (100, vec!["the feed has 50000 entries: the newest 100 were taken".to_owned()]));
    }

    #[test]
    fn only_an_entry_without_a_body_leads_to_its_page() {
        let item = |body: &str| {
            format!(
                "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title><link>http://e.org/</link><description>d</description><item><title>A</title><link>http://e.org/a</link>{body}</item></channel></rss>"
            )
        };
        let full = FeedSettings { full_text: true, ..ALL };
        let body = |text: &str| read(&item(text), &full).0.remove(0).body;
        assert!(matches!(body("<description>short</description>"), Body::RemoteOr(_)));
        assert!(matches!(body("<content:encoded>&lt;p&gt;all of it&lt;/p&gt;</content:encoded>"), Body::Inline(_)));
    }
}
