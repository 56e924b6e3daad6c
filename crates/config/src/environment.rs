//! The environment, and which of its variables are configuration.

use std::collections::BTreeMap;

use crate::error::{ConfigError, Source};

/// What every variable of ours begins with.
const PREFIX: &str = "COMMANDCENTER_";

/// Names operators know from elsewhere, and the keys they set.
const PLAIN: [(&str, &str); 9] = [
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("NATS_URL", "nats.url"),
    ("SECRET_KEY", "auth.secret_key"),
    ("GITHUB_TOKEN", "github.token"),
    ("ANTHROPIC_API_KEY", "llm.providers.anthropic.api_key"),
    ("OPENAI_API_KEY", "llm.providers.openai.api_key"),
    ("GOOGLE_API_KEY", "llm.providers.google.api_key"),
    ("RUST_LOG", "log.level"),
];

/// Sections that a name with one underscore too few is recognised by.
const SECTIONS: [&str; 14] =
    ["SERVER", "AUTH", "NET", "DATABASE", "GITHUB", "RESEARCH", "RAG", "DOCUMENTS", "INGESTION", "JOBS", "METRICS", "LOG", "REDIS", "LLM"];

/// Where variables are read from.
#[derive(Debug, Clone, Default)]
pub enum Environment {
    /// The environment of the process.
    #[default]
    Process,
    /// These and no others; for tests.
    Given(BTreeMap<String, String>),
}

impl Environment {
    /// The variables that set a key, as (variable, key, value), the plain names first since the prefixed ones are stronger.
    pub(crate) fn settings(&self) -> Result<Vec<(String, String, String)>, ConfigError> {
        let all = self.all();
        let mut found = Vec::new();
        for (name, key) in PLAIN {
            // An empty one is what a compose file makes of an unset one.
            if let Some(value) = all.get(name).filter(|value| !value.trim().is_empty()) {
                found.push((name.to_owned(), key.to_owned(), value.clone()));
            }
        }
        for (name, value) in &all {
            if let Some(key) = key_of(name)? {
                found.push((name.clone(), key, value.clone()));
            }
        }
        Ok(found)
    }

    fn all(&self) -> BTreeMap<String, String> {
        match self {
            // A variable that is not UTF-8 cannot be one of ours.
            Self::Process => {
                std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
            }
            Self::Given(map) => map.clone(),
        }
    }
}

/// The key a variable sets; `None` for one that is not configuration, such as the client's `COMMANDCENTER_URL`.
fn key_of(name: &str) -> Result<Option<String>, ConfigError> {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if rest == "DATA_DIR" {
        return Ok(Some("data_dir".to_owned()));
    }
    if rest.contains("__") {
        return Ok(Some(rest.to_ascii_lowercase().replace("__", ".")));
    }
    let slip = SECTIONS.iter().find_map(|section| Some((section, rest.strip_prefix(section)?.strip_prefix('_')?)));
    match slip {
        Some((section, key)) if !is_orchestrator(key) => Err(ConfigError::UnknownKey {
            key: name.to_owned(),
            source_of_value: Source::Environment(name.to_owned()),
            allowed: format!("two underscores between section and key: {PREFIX}{section}__{key}"),
        }),
        Some(_) | None => Ok(None),
    }
}

/// Kubernetes sets such variables for a service whose name begins like ours.
fn is_orchestrator(key: &str) -> bool {
    key.starts_with("SERVICE_") || key.starts_with("PORT")
}
