//! How a value is read from text, whichever layer it comes from.
//!
//! The environment knows only text, TOML knows types. Every key therefore reads text, and numbers and booleans of TOML are
//! turned into the text they were written as: one rule per key, and one message when it is broken.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use url::Url;

use crate::cidr::Cidr;
use crate::secret::{Secret, SecretUrl};
use crate::section::{LogFilter, LogFormat};
use crate::time;

/// Parts the problem from what is allowed in a message; see [`crate::layer`].
pub(crate) const SPLIT: char = '\u{1f}';

/// A value that can be read from text.
pub(crate) trait FromText: Sized {
    /// What the text may be.
    const ALLOWED: &'static str;
    /// Whether an error may show the text.
    const SHOWN: bool = true;
    /// `None` when the text breaks the rule.
    fn from_text(text: &str) -> Option<Self>;
}

/// Reads a value that has to be there.
pub(crate) fn one<'de, D: Deserializer<'de>, T: FromText>(deserializer: D) -> Result<T, D::Error> {
    parse(&deserializer.deserialize_any(Text)?)
}

/// Reads a value that may be empty, which is the same as absent.
pub(crate) fn maybe<'de, D: Deserializer<'de>, T: FromText>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = deserializer.deserialize_any(Text)?;
    if text.is_empty() { Ok(None) } else { parse(&text).map(Some) }
}

/// Reads a list: an array, or text as `["a", "b"]` or `a,b`.
pub(crate) fn list<'de, D: Deserializer<'de>, T: FromText>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_any(Texts)?.iter().map(|text| parse(text)).collect()
}

fn parse<T: FromText, E: Error>(text: &str) -> Result<T, E> {
    T::from_text(text.trim()).ok_or_else(|| {
        let problem = if T::SHOWN { format!("{text:?} is not valid") } else { "the value is not valid".to_owned() };
        E::custom(format!("{problem}{SPLIT}{}", T::ALLOWED))
    })
}

struct Text;

impl Visitor<'_> for Text {
    type Value = String;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }
    fn visit_str<E>(self, v: &str) -> Result<String, E> {
        Ok(v.to_owned())
    }
    fn visit_bool<E>(self, v: bool) -> Result<String, E> {
        Ok(v.to_string())
    }
    fn visit_i64<E>(self, v: i64) -> Result<String, E> {
        Ok(v.to_string())
    }
    fn visit_u64<E>(self, v: u64) -> Result<String, E> {
        Ok(v.to_string())
    }
    fn visit_f64<E>(self, v: f64) -> Result<String, E> {
        Ok(v.to_string())
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_str<E>(self, v: &str) -> Result<Vec<String>, E> {
        let inner = v.trim().trim_start_matches('[').trim_end_matches(']');
        let items = inner.split(',').map(|item| item.trim().trim_matches(['"', '\'']).to_owned());
        Ok(items.filter(|item| !item.is_empty()).collect())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<String>()? {
            items.push(item);
        }
        Ok(items)
    }
}

/// An http or https URL, without a slash at its end.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none();
    plain.then(|| text.trim_end_matches('/').to_owned())
}

/// A base URL; see [`base_url`].
impl FromText for String {
    const ALLOWED: &'static str = "a URL such as `https://host/path`, with http or https and without a query";
    // A URL may hold a password.
    const SHOWN: bool = false;
    fn from_text(text: &str) -> Option<Self> {
        base_url(text)
    }
}

impl FromText for bool {
    const ALLOWED: &'static str = "`true` or `false`";
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl FromText for Duration {
    const ALLOWED: &'static str = time::ALLOWED;
    fn from_text(text: &str) -> Option<Self> {
        time::parse_duration(text)
    }
}

impl FromText for SocketAddr {
    const ALLOWED: &'static str = "an IP address and a port, such as `127.0.0.1:8000` or `[::1]:8000`";
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl FromText for u32 {
    const ALLOWED: &'static str = "a whole number from 1 to 1000";
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|n| (1..=1000).contains(n))
    }
}

impl FromText for PathBuf {
    const ALLOWED: &'static str = "a path of the file system";
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| Self::from(text))
    }
}

impl FromText for Secret {
    const ALLOWED: &'static str = "text without control characters";
    const SHOWN: bool = false;
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains(char::is_control)).then(|| Self::new(text))
    }
}

impl FromText for SecretUrl {
    const ALLOWED: &'static str = "a URL with a scheme, such as `postgres://user@host:5432/name` or `sqlite://path/to/file.db`";
    const SHOWN: bool = false;
    fn from_text(text: &str) -> Option<Self> {
        text.split_once(':').filter(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()).map(|_| Self::new(text))
    }
}

impl FromText for Cidr {
    const ALLOWED: &'static str = "ranges of addresses such as `10.0.0.0/8` or `fd00::/8`";
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl FromText for LogFormat {
    const ALLOWED: &'static str = "`pretty` or `json`";
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "pretty" => Some(Self::Pretty),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl FromText for LogFilter {
    const ALLOWED: &'static str = "error, warn, info, debug, trace, off, or a filter such as `info,commandcenter_http=debug`";
    fn from_text(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.split(',').all(is_directive);
        fits.then(|| Self(text.to_owned()))
    }
}

/// `level`, `target`, `target=level`; a directive with a span (`target[span]=level`) is left to the subscriber.
fn is_directive(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |text: &str| LEVELS.contains(&text.to_ascii_lowercase().as_str());
    let is_target = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c));
    match text.trim().rsplit_once('=') {
        Some((target, level)) => is_level(level) && (is_target(target) || target.contains('[')),
        None => is_level(text.trim()) || (text.contains('_') && is_target(text.trim())),
    }
}
