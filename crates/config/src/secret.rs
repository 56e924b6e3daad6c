//! Values that may be used but never shown.

use std::fmt;

use serde::{Serialize, Serializer};
use url::Url;
use zeroize::Zeroizing;

/// What stands where a secret would.
const REDACTED: &str = "[redacted]";

/// A secret: prints `[redacted]` however it is printed, and is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
    /// The secret itself; for the one place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// A URL that may carry a password: prints with the password masked.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Zeroizing<String>);

impl SecretUrl {
    /// Wraps a URL as it was given.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
    /// The URL with its password; for the driver that connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_url(&self.0))
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_url(&self.0))
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&mask_url(&self.0))
    }
}

/// A URL as it may be shown: the password, and every query parameter that looks like a secret, masked. What is no URL is
/// masked whole, since nobody can say where its secret would be.
#[must_use]
pub fn mask_url(text: &str) -> String {
    if text.starts_with("sqlite:") && !text.contains('@') {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else {
        return REDACTED.to_owned();
    };
    if url.password().is_some() && url.set_password(Some("redacted")).is_err() {
        return REDACTED.to_owned();
    }
    let shown: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| if is_secret_name(&name) { (name.into(), "redacted".into()) } else { (name.into(), value.into()) })
        .collect();
    if shown.iter().any(|(name, _)| is_secret_name(name)) {
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.into()
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "key"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("hunter2");
        let printed = format!("{secret} {secret:?} {}", serde_json::to_string(&secret).unwrap_or_default());
        assert!(!printed.contains("hunter2"), "{printed}");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_url_prints_without_its_password() {
        let cases = [
            ("postgres://ann:hunter2@db:5432/cc", "postgres://ann:redacted@db:5432/cc"),
            ("postgres://db/cc?user=ann&password=hunter2", "postgres://db/cc?user=ann&password=redacted"),
            ("postgres://ann@db/cc?sslmode=require", "postgres://ann@db/cc?sslmode=require"),
            ("sqlite://./data/cc.db?mode=rwc", "sqlite://./data/cc.db?mode=rwc"),
            ("hunter2", "[redacted]"),
        ];
        for (url, shown) in cases {
            assert_eq!(SecretUrl::new(url).to_string(), shown);
        }
    }
}
