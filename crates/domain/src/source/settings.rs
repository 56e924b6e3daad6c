//! What each kind of source can be told, read from the free object that clients give and stored as such.

use serde_json::{Map, Value, json};

use crate::shared::{Checker, Limits};

/// How a feed is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSettings {
    /// Newest entries that are taken of one answer.
    pub max_entries: usize,
    /// Whether the page behind an entry is read when the feed itself holds only its beginning.
    pub full_text: bool,
}

/// How a site is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSettings {
    /// Links from the first page.
    pub max_depth: u32,
    /// Pages that are read in one run.
    pub max_pages: usize,
    /// Whether sitemaps are looked for.
    pub use_sitemap: bool,
    /// Where the sitemap is, when it is not where sites usually have it.
    pub sitemap_url: Option<String>,
    /// Only pages below this path.
    pub path_prefix: Option<String>,
    /// Milliseconds between two requests; what the site asks for is stronger when it is longer.
    pub delay_ms: Option<u64>,
}

/// How a folder is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderSettings {
    /// Only files that match one of these globs; all that are text when empty.
    pub patterns: Vec<String>,
    /// Files and folders that match one of these globs are left out.
    pub exclude: Vec<String>,
    /// Most files.
    pub max_files: usize,
}

/// Which stories of Hacker News are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HackerNewsSettings {
    /// A story matches one of these.
    pub keywords: Vec<String>,
    /// Points it must have.
    pub min_score: u32,
    /// How far back.
    pub since_hours: u32,
    /// Most stories of one run.
    pub max_stories: usize,
}

/// Reads the object of a client, noting what is wrong under `config.<key>`, and every key that nothing reads.
pub(super) struct ConfigReader<'a> {
    check: &'a mut Checker,
    left: Map<String, Value>,
}

impl<'a> ConfigReader<'a> {
    pub(super) fn new(check: &'a mut Checker, config: &Map<String, Value>) -> Self {
        Self { check, left: config.clone() }
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key).filter(|value| !value.is_null())
    }

    pub(super) fn number(&mut self, key: &str, default: u64, bounds: (u64, u64)) -> u64 {
        self.optional_number(key, bounds).unwrap_or(default)
    }

    pub(super) fn optional_number(&mut self, key: &str, (min, max): (u64, u64)) -> Option<u64> {
        let value = self.take(key)?;
        let read = value.as_u64().filter(|number| (min..=max).contains(number));
        if read.is_none() {
            self.check.note(&format!("config.{key}"), "out_of_range", format!("must be a whole number between {min} and {max}"));
        }
        read
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.take(key) else { return default };
        value.as_bool().unwrap_or_else(|| {
            self.check.note(&format!("config.{key}"), "invalid", "must be true or false");
            default
        })
    }

    pub(super) fn text(&mut self, key: &str, max: usize) -> Option<String> {
        let field = format!("config.{key}");
        match self.take(key)? {
            Value::String(text) => self.check.optional_line(&field, Some(&text), max),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.check.note(&field, "invalid", "must be a text");
                None
            }
        }
    }

    fn url(&mut self, key: &str) -> Option<String> {
        let text = self.text(key, 2048)?;
        self.check.url(&format!("config.{key}"), Some(&text))
    }

    pub(super) fn texts(&mut self, key: &str, (most, longest): (usize, usize)) -> Vec<String> {
        let field = format!("config.{key}");
        let Some(value) = self.take(key) else { return Vec::new() };
        let Some(items) =
            value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>())
        else {
            self.check.note(&field, "invalid", "must be a list of texts");
            return Vec::new();
        };
        if items.len() > most {
            self.check.note(&field, "too_many", format!("must have at most {most} items"));
        }
        items.iter().map(|item| self.check.line(&field, item, Limits { min: 1, max: longest })).collect()
    }

    pub(super) fn note(&mut self, key: &str, code: &'static str, message: &str) {
        self.check.note(&format!("config.{key}"), code, message);
    }

    /// Every key that nothing read is an error.
    pub(super) fn finish(self) {
        for key in self.left.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key) {
            let shown: String = key.chars().take(64).collect();
            self.check.note(&format!("config.{shown}"), "unknown_field", "is not a setting of this type of source");
        }
    }
}

impl FeedSettings {
    pub(super) fn read(config: &mut ConfigReader<'_>) -> Self {
        Self { max_entries: size(config.number("max_entries", 100, (1, 1000))), full_text: config.flag("full_text", true) }
    }

    pub(super) fn write(&self) -> Value {
        json!({ "max_entries": self.max_entries, "full_text": self.full_text })
    }
}

impl SiteSettings {
    pub(super) fn read(config: &mut ConfigReader<'_>) -> Self {
        let path_prefix = config.text("path_prefix", 1024);
        if path_prefix.as_ref().is_some_and(|prefix| !prefix.starts_with('/')) {
            config.note("path_prefix", "invalid", "must begin with a slash");
        }
        Self {
            max_depth: u32::try_from(config.number("max_depth", 3, (0, 20))).unwrap_or(3),
            max_pages: size(config.number("max_pages", 100, (1, 10_000))),
            use_sitemap: config.flag("use_sitemap", true),
            sitemap_url: config.url("sitemap_url"),
            path_prefix,
            delay_ms: config.optional_number("delay_ms", (0, 60_000)),
        }
    }

    pub(super) fn write(&self) -> Value {
        let Self { max_depth, max_pages, use_sitemap, sitemap_url, path_prefix, delay_ms } = self;
        json!({
            "max_depth": max_depth,
            "max_pages": max_pages,
            "use_sitemap": use_sitemap,
            "sitemap_url": sitemap_url,
            "path_prefix": path_prefix,
            "delay_ms": delay_ms,
        })
    }
}

impl FolderSettings {
    pub(super) fn read(config: &mut ConfigReader<'_>) -> Self {
        Self {
            patterns: config.texts("patterns", (50, 200)),
            exclude: config.texts("exclude", (50, 200)),
            max_files: size(config.number("max_files", 2000, (1, 20_000))),
        }
    }

    pub(super) fn write(&self) -> Value {
        json!({ "patterns": self.patterns, "exclude": self.exclude, "max_files": self.max_files })
    }
}

impl HackerNewsSettings {
    pub(super) fn read(config: &mut ConfigReader<'_>) -> Self {
        let keywords = config.texts("keywords", (20, 100));
        if keywords.is_empty() {
            config.note("keywords", "required", "must hold at least one keyword");
        }
        Self {
            keywords,
            min_score: u32::try_from(config.number("min_score", 10, (0, 100_000))).unwrap_or(0),
            since_hours: u32::try_from(config.number("since_hours", 168, (1, 8784))).unwrap_or(168),
            max_stories: size(config.number("max_stories", 100, (1, 1000))),
        }
    }

    pub(super) fn write(&self) -> Value {
        let Self { keywords, min_score, since_hours, max_stories } = self;
        json!({ "keywords": keywords, "min_score": min_score, "since_hours": since_hours, "max_stories": max_stories })
    }
}

pub(super) fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
