//! One form for every URL of a page, so that a page is read once however it is linked.

use std::collections::BTreeMap;

use url::Url;

/// Longest URL that is followed.
const LONGEST: usize = 2048;
/// A path with more segments was made by a machine that does not end.
const DEEPEST: usize = 32;
/// A segment that comes this often in one path is a loop.
const MOST_REPEATS: usize = 3;

/// Parameters that tell a site where a reader came from and nothing of the page.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "ref_src",
    "phpsessid",
    "jsessionid",
];

/// The URL of a page. **Invariant:** http or https, with a host; without credentials, fragment, default port and tracking parameters; its
/// parameters sorted by name. Whether it ends in a slash is kept: servers tell the two apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalUrl(Url);

impl CanonicalUrl {
    /// Reads an absolute URL; `None` for what is none, or is none of a page.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= LONGEST).then(|| Url::parse(text.trim()).ok()).flatten().and_then(canonical)
    }

    /// The URL that a link on this page leads to; `None` for what leads to no page.
    #[must_use]
    pub fn join(&self, link: &str) -> Option<Self> {
        let link = link.trim();
        if link.is_empty() || link.starts_with('#') || link.len() > LONGEST {
            return None;
        }
        self.0.join(link).ok().and_then(canonical).filter(|url| url.as_str().len() <= LONGEST)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port: whose page it is.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The path, from its slash.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The parameters, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.0.query()
    }

    /// The same without parameters.
    #[must_use]
    pub fn without_query(&self) -> Self {
        let mut url = self.0.clone();
        url.set_query(None);
        Self(url)
    }

    /// The last segment of its path, for a file's name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.path().rsplit('/').next().unwrap_or_default()
    }

    /// Whether its path looks like one that a machine makes longer and longer.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        let segments = self.0.path().split('/').filter(|segment| !segment.is_empty());
        let mut depth = 0;
        for segment in segments {
            depth += 1;
            *count.entry(segment).or_default() += 1;
        }
        depth > DEEPEST || count.values().any(|&times| times > MOST_REPEATS)
    }
}

impl std::fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

fn canonical(mut url: Url) -> Option<CanonicalUrl> {
    let is_page = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    if !is_page || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_fragment(None);
    let query = url.query().map(kept);
    url.set_query(query.as_deref().filter(|query| !query.is_empty()));
    Some(CanonicalUrl(url))
}

/// The parameters that say which page is meant, by name. Those of one name keep their order.
fn kept(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(name(pair))).collect();
    pairs.sort_by_key(|pair| name(pair));
    pairs.join("&")
}

fn name(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        CanonicalUrl::parse(text).map(|url| url.to_string())
    }

    #[test]
    fn the_forms_of_one_page_are_one() {
        for (given, one) in [
            ("HTTP://Example.COM:80/a/../b#part", "http://example.com/b"),
            ("https://example.com:443", "https://example.com/"),
            ("https://example.com/?", "https://example.com/"),
            ("https://example.com/?utm_source=x&UTM_medium=y&fbclid=1", "https://example.com/"),
            ("https://example.com/p?b=2&a=1&b=1", "https://example.com/p?a=1&b=2&b=1"),
            ("http://example.com:8080/x/", "http://example.com:8080/x/"),
        ] {
            assert_eq!(read(given).as_deref(), Some(one), "{given}");
            assert_eq!(read(one).as_deref(), Some(one), "{one} is its own form");
        }
        assert_ne!(read("http://e.org/a"), read("http://e.org/a/"), "servers tell them apart");
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com/",
            "mailto:a@b.c",
            "javascript:alert(1)",
            "http://u:p@example.com/",
            "file:///etc/passwd",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&format!("http://example.com/{}", "x".repeat(3000))), None);
    }

    #[test]
    fn links_are_read_from_their_page() {
        let page = CanonicalUrl::parse("http://e.org/docs/a.html").unwrap();
        let joined = |link: &str| page.join(link).map(|url| url.to_string());
        assert_eq!(joined("b.html#x").as_deref(), Some("http://e.org/docs/b.html"));
        assert_eq!(joined("//other.org/z").as_deref(), Some("http://other.org/z"));
        assert_eq!(joined("../?utm_campaign=1").as_deref(), Some("http://e.org/"));
        for nowhere in ["", "#top", "mailto:x@y.z", "tel:1", "data:text/html,x"] {
            assert_eq!(joined(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn paths_without_end_are_seen() {
        let endless = |text: &str| CanonicalUrl::parse(text).unwrap().is_endless();
        assert!(endless(&format!("http://e.org/{}", "a/".repeat(4))));
        assert!(endless(&format!("http://e.org/{}", (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join("/"))));
        assert!(!endless("http://e.org/docs/3/library/asyncio/docs/"));
    }
}
