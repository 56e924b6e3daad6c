//! Stories of Hacker News that match keywords, through its search.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use commandcenter_domain::Clock;
use commandcenter_domain::source::{
    Body, CanonicalUrl, Content, HackerNewsSettings, Lead, Listed, Listing, Read, ReadFailure, SourceSession, Validators,
};
use serde::Deserialize;

use crate::fetch::{Fetched, Fetcher, Request};

/// Most bytes of one page of hits.
const LIMIT: u64 = 8 * 1024 * 1024;
/// Pages of hits that are read for one keyword.
const MOST_PAGES: u32 = 10;

/// A search that is being read.
pub(crate) struct HackerNews {
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Base URL of the search.
    pub(crate) base: String,
    pub(crate) settings: HackerNewsSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    hits: Vec<Hit>,
    #[serde(default)]
    nb_pages: u32,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "objectID")]
    id: String,
    title: Option<String>,
    url: Option<String>,
    story_text: Option<String>,
    author: Option<String>,
    created_at: Option<String>,
}

impl HackerNews {
    async fn page(&self, keyword: &str, page: u32) -> Result<Answer, ReadFailure> {
        let since = (self.clock.now() - TimeDelta::hours(i64::from(self.settings.since_hours))).timestamp();
        let filters = format!("created_at_i>{since},points>={}", self.settings.min_score);
        let url = reqwest::Url::parse_with_params(
            &format!("{}/search_by_date", self.base.trim_end_matches('/')),
            [("query", keyword), ("tags", "story"), ("numericFilters", &filters), ("hitsPerPage", "100"), ("page", &page.to_string())],
        );
        let url = url.ok().and_then(|url| CanonicalUrl::parse(url.as_str())).ok_or_else(|| ReadFailure::Url(self.base.clone()))?;
        let pause = self.fetcher.owed(&url).await;
        match self.fetcher.get(Request { url: &url, known: &Validators::default(), limit: LIMIT, pause: Some(pause) }).await? {
            Fetched::Fresh { bytes, .. } => {
                serde_json::from_slice(&bytes).map_err(|err| ReadFailure::Format(format!("the search gave no list of stories: {err}")))
            }
            Fetched::Refused(status) => Err(ReadFailure::Status(status)),
            Fetched::Unchanged => Err(ReadFailure::Status(304)),
        }
    }
}

#[async_trait]
impl SourceSession for HackerNews {
    async fn list(&self, _: &Validators) -> Result<Listed, ReadFailure> {
        let (mut leads, mut seen, mut notes) = (Vec::new(), HashSet::new(), Vec::new());
        'keywords: for keyword in &self.settings.keywords {
            for page in 0..MOST_PAGES {
                let answer = self.page(keyword, page).await?;
                for hit in answer.hits {
                    if leads.len() >= self.settings.max_stories {
                        notes.push(format!("more than {} stories match: the newest of each keyword were taken in turn", leads.len()));
                        break 'keywords;
                    }
                    if seen.insert(hit.id.clone()) {
                        leads.extend(lead(hit));
                    }
                }
                if page + 1 >= answer.nb_pages {
                    break;
                }
            }
        }
        Ok(Listed::Fresh(Listing { leads, notes, ..Listing::default() }))
    }

    async fn read(&self, key: &str, _: &Validators) -> Result<Read, ReadFailure> {
        // Everything came with the list; what is known from before and not listed any more is left as it is.
        Err(ReadFailure::Url(key.to_owned()))
    }
}

/// Points are left out: they change by the minute, and the story does not.
fn lead(hit: Hit) -> Option<Lead> {
    let title = hit.title.filter(|title| !title.trim().is_empty())?;
    if hit.id.is_empty() || !hit.id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let key = format!("https://news.ycombinator.com/item?id={}", hit.id);
    let mut page = format!("# {}\n\n", title.replace(['\n', '\r'], " "));
    if let Some(url) = &hit.url {
        page.push_str(&format!("Link: <{url}>\n\n"));
    }
    let by = hit.author.unwrap_or_else(|| "somebody".to_owned());
    page.push_str(&format!("Posted on Hacker News by {by} at {}.\n\n", hit.created_at.unwrap_or_default()));
    page.push_str(&hit.story_text.unwrap_or_default());
    let content = Content {
        name: format!("{}.md", hit.id),
        title: Some(title),
        url: Some(hit.url.unwrap_or_else(|| key.clone())),
        bytes: page.into_bytes(),
    };
    Some(Lead { key, body: Body::Inline(content), depth: 0 })
}
