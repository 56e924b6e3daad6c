//! Where a source's documents are, with what is to be read of them.

use serde_json::{Map, Value, json};

use crate::shared::{Checker, Invalid, Limits};

use super::settings::ConfigReader;
use super::{CanonicalUrl, FeedSettings, FolderSettings, GithubSettings, HackerNewsSettings, SiteSettings, SourceKind};

/// Where a source's documents are, with what is to be read of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A feed.
    Feed {
        /// Its URL.
        url: CanonicalUrl,
        /// How it is read.
        settings: FeedSettings,
    },
    /// A site.
    Site {
        /// Its first page.
        url: CanonicalUrl,
        /// How it is read.
        settings: SiteSettings,
    },
    /// A folder of the server.
    Folder {
        /// Its absolute path.
        path: String,
        /// How it is read.
        settings: FolderSettings,
    },
    /// Hacker News.
    HackerNews {
        /// Which stories.
        settings: HackerNewsSettings,
    },
    /// A tracked repository of GitHub.
    GitHub {
        /// Which, and what of it.
        settings: GithubSettings,
    },
    /// What is pushed.
    Webhook,
}

/// How a source's documents are filed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filing {
    /// The category; the source's name when absent.
    pub category: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
}

/// A place as clients and tables spell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelled<'a> {
    pub(super) kind: SourceKind,
    pub(super) url: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) config: &'a Map<String, Value>,
}

impl Place {
    /// The place of stored columns.
    ///
    /// # Errors
    /// [`Invalid`] when they are no place.
    pub fn stored(kind: SourceKind, (url, path): (Option<&str>, Option<&str>), config: &Value) -> Result<(Self, Filing), Invalid> {
        let empty = Map::new();
        let mut check = Checker::new();
        let place = Self::read(&mut check, Spelled { kind, url, path, config: config.as_object().unwrap_or(&empty) });
        check.finish(place)?.ok_or_else(|| Invalid::one("type", "invalid", "is no place"))
    }

    /// Reads a place; `None` after noting what is wrong.
    pub(super) fn read(check: &mut Checker, spelled: Spelled<'_>) -> Option<(Self, Filing)> {
        let Spelled { kind, url, path, config } = spelled;
        let url = match kind {
            SourceKind::Rss | SourceKind::Documentation => address(check, url),
            SourceKind::Webhook | SourceKind::FileWatcher | SourceKind::HackerNews | SourceKind::GitHub => {
                unwanted(check, ("url", kind), url)
            }
        };
        let path = match kind {
            SourceKind::FileWatcher => folder(check, path),
            SourceKind::Rss | SourceKind::Documentation | SourceKind::Webhook | SourceKind::HackerNews | SourceKind::GitHub => {
                unwanted(check, ("path", kind), path)
            }
        };
        let mut reader = ConfigReader::new(check, config);
        let filing = Filing { category: reader.text("category", 100), tags: reader.texts("tags", (32, 64)) };
        let place = match kind {
            SourceKind::Rss => {
                let settings = FeedSettings::read(&mut reader);
                url.map(|url| Self::Feed { url, settings })
            }
            SourceKind::Documentation => {
                let settings = SiteSettings::read(&mut reader);
                url.map(|url| Self::Site { url, settings })
            }
            SourceKind::FileWatcher => {
                let settings = FolderSettings::read(&mut reader);
                path.map(|path| Self::Folder { path, settings })
            }
            SourceKind::HackerNews => Some(Self::HackerNews { settings: HackerNewsSettings::read(&mut reader) }),
            SourceKind::GitHub => Some(Self::GitHub { settings: GithubSettings::read(&mut reader) }),
            SourceKind::Webhook => Some(Self::Webhook),
        };
        reader.finish();
        Some((place?, filing))
    }

    /// What kind of source it is.
    #[must_use]
    pub const fn kind(&self) -> SourceKind {
        match self {
            Self::Feed { .. } => SourceKind::Rss,
            Self::Site { .. } => SourceKind::Documentation,
            Self::Folder { .. } => SourceKind::FileWatcher,
            Self::HackerNews { .. } => SourceKind::HackerNews,
            Self::GitHub { .. } => SourceKind::GitHub,
            Self::Webhook => SourceKind::Webhook,
        }
    }

    /// Its URL, when it has one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Feed { url, .. } | Self::Site { url, .. } => Some(url.as_str()),
            Self::Folder { .. } | Self::HackerNews { .. } | Self::GitHub { .. } | Self::Webhook => None,
        }
    }

    /// Its path, when it has one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Folder { path, .. } => Some(path),
            Self::Feed { .. } | Self::Site { .. } | Self::HackerNews { .. } | Self::GitHub { .. } | Self::Webhook => None,
        }
    }

    /// Its settings, as clients spell them; every default is spelled out.
    #[must_use]
    pub fn config(&self, filing: &Filing) -> Value {
        let mut config = match self {
            Self::Feed { settings, .. } => settings.write(),
            Self::Site { settings, .. } => settings.write(),
            Self::Folder { settings, .. } => settings.write(),
            Self::HackerNews { settings } => settings.write(),
            Self::GitHub { settings } => settings.write(),
            Self::Webhook => json!({}),
        };
        config["category"] = json!(filing.category);
        config["tags"] = json!(filing.tags);
        config
    }
}

fn address(check: &mut Checker, url: Option<&str>) -> Option<CanonicalUrl> {
    let Some(text) = url.map(str::trim).filter(|text| !text.is_empty()) else {
        check.note("url", "required", "is required by this type of source");
        return None;
    };
    let url = CanonicalUrl::parse(text);
    if url.is_none() {
        check.note("url", "not_a_url", "must be an absolute http or https URL without credentials, of at most 2048 characters");
    }
    url
}

fn folder(check: &mut Checker, path: Option<&str>) -> Option<String> {
    let path = check.line("path", path.unwrap_or_default(), Limits { min: 1, max: 1024 });
    if !path.is_empty() && !path.starts_with('/') {
        check.note("path", "not_absolute", "must be an absolute path");
    }
    path.starts_with('/').then_some(path)
}

/// What this kind of source has no use for.
fn unwanted<T>(check: &mut Checker, (field, kind): (&str, SourceKind), text: Option<&str>) -> Option<T> {
    if text.is_some_and(|text| !text.trim().is_empty()) {
        check.note(field, "not_used", format!("is not used by sources of the type `{kind}`"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: SourceKind, (url, path): (Option<&str>, Option<&str>), config: Value) -> Result<(Place, Filing), Vec<String>> {
        let named = |invalid: Invalid| invalid.0.into_iter().map(|error| error.field).collect();
        Place::stored(kind, (url, path), &config).map_err(named)
    }

    #[test]
    fn settings_survive_being_stored() {
        let cases = [
            (SourceKind::Rss, (Some("https://e.org/feed"), None), json!({ "max_entries": 7 })),
            (SourceKind::Documentation, (Some("https://e.org/"), None), json!({ "max_depth": 1, "path_prefix": "/docs/", "tags": ["a"] })),
            (SourceKind::FileWatcher, (None, Some("/srv/docs")), json!({ "patterns": ["*.md"], "category": "notes" })),
            (SourceKind::HackerNews, (None, None), json!({ "keywords": ["rust"], "min_score": 0 })),
            (SourceKind::GitHub, (None, None), json!({ "repository_id": 7, "parts": ["code", "commits"], "exclude": ["old/"] })),
            (SourceKind::Webhook, (None, None), json!({})),
        ];
        for (kind, at, config) in cases {
            let (place, filing) = read(kind, at, config).unwrap();
            let again = read(place.kind(), (place.url(), place.path()), place.config(&filing)).unwrap();
            assert_eq!(again, (place, filing), "{kind}");
        }
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let wrong = |kind, at, config| read(kind, at, config).unwrap_err();
        assert_eq!(wrong(SourceKind::Rss, (None, Some("/x")), json!({})), ["url", "path"]);
        assert_eq!(wrong(SourceKind::Rss, (Some("file:///etc/passwd"), None), json!({})), ["url"]);
        assert_eq!(wrong(SourceKind::Documentation, (Some("http://u:p@e.org/"), None), json!({})), ["url"]);
        let config = json!({ "max_depth": 99, "max_pages": "3", "use_sitemap": 1, "path_prefix": "docs", "depth": 2 });
        let fields = ["config.path_prefix", "config.max_depth", "config.max_pages", "config.use_sitemap", "config.depth"];
        assert_eq!(wrong(SourceKind::Documentation, (Some("http://e.org/"), None), config), fields);
        assert_eq!(wrong(SourceKind::FileWatcher, (None, Some("docs")), json!({})), ["path"]);
        assert_eq!(wrong(SourceKind::HackerNews, (None, None), json!({ "keywords": [] })), ["config.keywords"]);
        assert_eq!(
            wrong(SourceKind::GitHub, (Some("http://e.org/"), None), json!({ "parts": ["wiki"] })),
            ["url", "config.repository_id", "config.parts"]
        );
        assert_eq!(wrong(SourceKind::Webhook, (None, None), json!({ "tags": [1] })), ["config.tags"]);
    }
}
