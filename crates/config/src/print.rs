//! The effective configuration as it may be shown.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::Source;
use crate::load::Config;
use crate::time::format_duration;

/// One key of the effective configuration, its secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The key, `section.key` style.
    pub key: String,
    /// The value as TOML writes it; empty when unset.
    pub value: String,
    /// Where it came from.
    pub source: String,
}

impl Config {
    /// Every key with its value and source, in the order of their names.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let mut found = Vec::new();
        flatten("", &serde_json::to_value(self).unwrap_or_default(), &mut found);
        let mut settings: Vec<_> = found
            .into_iter()
            .map(|(key, value)| {
                let source = self.source(&key).to_string();
                Setting { key, value, source }
            })
            .collect();
        settings.sort_by(|a, b| a.key.cmp(&b.key));
        settings
    }

    /// Where the value of a key came from.
    #[must_use]
    pub fn source(&self, key: &str) -> &Source {
        self.sources.get(key).unwrap_or(&Source::Default)
    }
}

fn flatten(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, into);
            }
        }
        Value::Null => into.push((path.to_owned(), String::new())),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => into.push((path.to_owned(), value.to_string())),
    }
}

/// Writes a duration as it is configured.
pub(crate) fn human<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_duration(*duration))
}
