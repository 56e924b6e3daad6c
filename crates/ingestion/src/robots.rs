//! What a site lets be read, by its robots.txt.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::source::{CanonicalUrl, ReadFailure, Validators};
use texting_robots::Robot;
use tokio::sync::Mutex;

use crate::fetch::{Fetched, Fetcher, Request};

/// The name that robots.txt knows us by.
pub(crate) const AGENT: &str = "CommandCenter";
/// Most bytes of a robots.txt.
const LIMIT: u64 = 512 * 1024;
/// Longest pause that a site may ask for between two pages.
const LONGEST_DELAY: f32 = 60.0;

/// The rules of one site.
pub(crate) struct Rules {
    /// `None` when everything may be read.
    robot: Option<Robot>,
}

impl Rules {
    /// Asks a site for its rules. One without a robots.txt lets everything be read; one that fails to answer, nothing.
    pub(crate) async fn of(fetcher: &Fetcher, site: &CanonicalUrl) -> Result<Self, ReadFailure> {
        let Some(url) = site.join("/robots.txt") else { return Ok(Self { robot: None }) };
        let pause = fetcher.owed(site).await;
        match fetcher.get(Request { url: &url, known: &Validators::default(), limit: LIMIT, pause: Some(pause) }).await? {
            Fetched::Fresh { bytes, .. } => Self::parse(&bytes),
            Fetched::Unchanged | Fetched::Refused(_) => Ok(Self { robot: None }),
        }
    }

    fn parse(text: &[u8]) -> Result<Self, ReadFailure> {
        match Robot::new(AGENT, text) {
            Ok(robot) => Ok(Self { robot: Some(robot) }),
            Err(err) => Err(ReadFailure::Format(format!("robots.txt cannot be read: {err}"))),
        }
    }

    /// Whether a page may be read.
    pub(crate) fn allows(&self, url: &CanonicalUrl) -> bool {
        self.robot.as_ref().is_none_or(|robot| robot.allowed(url.as_str()))
    }

    /// The pause that it asks for between two pages.
    pub(crate) fn delay(&self) -> Option<Duration> {
        let seconds = self.robot.as_ref()?.delay?;
        (seconds.is_finite() && seconds > 0.0).then(|| Duration::from_secs_f32(seconds.min(LONGEST_DELAY)))
    }

    /// The sitemaps that it names.
    pub(crate) fn sitemaps(&self) -> Vec<CanonicalUrl> {
        let named = self.robot.as_ref().map(|robot| robot.sitemaps.clone()).unwrap_or_default();
        named.iter().filter_map(|url| CanonicalUrl::parse(url)).collect()
    }
}

/// The rules of many sites, each asked for once.
#[derive(Default)]
pub(crate) struct RuleBook {
    sites: Mutex<HashMap<String, Arc<Rules>>>,
}

impl RuleBook {
    /// The rules of a page's site.
    pub(crate) async fn of(&self, fetcher: &Fetcher, page: &CanonicalUrl) -> Result<Arc<Rules>, ReadFailure> {
        let mut sites = self.sites.lock().await;
        if let Some(rules) = sites.get(&page.origin()) {
            return Ok(rules.clone());
        }
        let rules = Arc::new(Rules::of(fetcher, page).await?);
        sites.insert(page.origin(), rules.clone());
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_us_are_stronger_than_rules_for_all() {
        let rules = Rules::parse(
            b"User-agent: *\nDisallow: /\n\nUser-agent: commandcenter\nDisallow: /private/\nCrawl-delay: 2.5\nSitemap: https://e.org/map.xml\n",
        )
        .unwrap();
        let allows = |path: &str| rules.allows(&CanonicalUrl::parse(&format!("https://e.org{path}")).unwrap());
        assert!(allows("/docs/") && !allows("/private/x"));
        assert_eq!(rules.delay(), Some(Duration::from_millis(2500)));
        assert_eq!(rules.sitemaps()[0].as_str(), "https://e.org/map.xml");
        assert!(Rules { robot: None }.allows(&CanonicalUrl::parse("https://e.org/").unwrap()));
    }
}
