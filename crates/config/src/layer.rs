//! The layers below the flags, and how figment's errors become ours.

use std::path::Path;

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use crate::error::{ConfigError, Source, one_line};
use crate::read::SPLIT;

/// Values from one source.
pub(crate) struct Layer {
    source: Source,
    values: Dict,
}

impl Layer {
    /// One key.
    pub(crate) fn key(source: Source, key: &str, value: impl Into<Value>) -> Self {
        let values = match figment::util::nest(key, value.into()) {
            Value::Dict(_, dict) => dict,
            other => Dict::from([(key.to_owned(), other)]),
        };
        Self { source, values }
    }

    /// A default.
    pub(crate) fn default(key: &str, value: impl Into<Value>) -> Self {
        Self::key(Source::Default, key, value)
    }

    /// A whole TOML file.
    pub(crate) fn file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError::file(path, format!("cannot be read: {e}")))?;
        let values = Toml::from_str::<Dict>(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text.bytes().take(span.start).filter(|b| *b == b'\n').count());
            ConfigError::file(path, format!("line {line} is not TOML: {}", error.message()))
        })?;
        Ok(Self { source: Source::File(path.to_owned()), values })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(encode(&self.source))
    }
    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

fn encode(source: &Source) -> String {
    match source {
        Source::Default => "default:".to_owned(),
        Source::File(path) => format!("file:{}", path.display()),
        Source::Environment(name) => format!("env:{name}"),
        Source::Flag(name) => format!("flag:{name}"),
    }
}

/// Where the value of a key came from.
pub(crate) fn source_of(figment: &Figment, key: &str) -> Source {
    let name = figment.find_metadata(key).map(|metadata| metadata.name.as_ref()).unwrap_or_default();
    match name.split_once(':') {
        Some(("file", path)) => Source::File(path.into()),
        Some(("env", name)) => Source::Environment(name.to_owned()),
        Some(("flag", name)) => Source::Flag(name.to_owned()),
        Some(_) | None => Source::Default,
    }
}

/// The defaults that depend on nothing.
pub(crate) fn constants() -> Vec<Layer> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let texts = [
        ("data_dir", "./data"),
        ("server.bind", "127.0.0.1:8000"),
        ("server.drain", "30s"),
        ("auth.open_registration", "false"),
        ("auth.rate_limits", "true"),
        ("auth.access_ttl", "15m"),
        ("auth.refresh_ttl", "30d"),
        ("database.pool_size", "16"),
        ("database.acquire_timeout", "5s"),
        ("database.idle_timeout", "10m"),
        ("database.max_lifetime", "30m"),
        ("database.statement_timeout", "30s"),
        ("database.test_before_acquire", "true"),
        ("github.api_url", "https://api.github.com"),
        ("github.timeout", "30s"),
        ("research.hn_url", "https://hn.algolia.com/api/v1"),
        ("research.arxiv_url", "https://export.arxiv.org/api"),
        ("rag.hub_url", "https://huggingface.co"),
        ("documents.max_file", "50MiB"),
        ("documents.parser_memory", "1GiB"),
        ("documents.parser_cpu", "60s"),
        ("documents.parser_time", "2m"),
        ("jobs.lease", "30s"),
        ("jobs.retention.completed", "30d"),
        ("jobs.retention.cancelled", "30d"),
        ("jobs.retention.failed", "90d"),
        ("jobs.retention.dead", "90d"),
        ("jobs.retention.archive", "365d"),
        ("metrics.public", "true"),
        ("log.format", "pretty"),
        ("log.level", "info,actix_server=warn,sea_orm_migration=warn"),
    ];
    let mut layers: Vec<_> = texts.iter().map(|(key, value)| Layer::default(key, *value)).collect();
    layers.push(Layer::default("jobs.slots", (2 * cores).min(1000)));
    layers.push(Layer::default("server.cors_origins", Vec::<Value>::new()));
    layers.push(Layer::default("ingestion.allowed_roots", Vec::<Value>::new()));
    layers.extend(["redis", "nats", "llm.providers"].map(|key| Layer::default(key, Dict::new())));
    layers
}

/// Figment's error as one of ours.
pub(crate) fn explain(figment: &Figment, error: &figment::Error) -> ConfigError {
    let mut key = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(field, known) => {
            if error.path.last() != Some(field) {
                key = join(&key, field);
            }
            let source_of_value = source_of(figment, &key);
            ConfigError::UnknownKey { key, source_of_value, allowed: known.join(", ") }
        }
        Kind::MissingField(field) => {
            let key = join(&key, field);
            let allowed = missing_hint(&key);
            ConfigError::Missing { key, allowed }
        }
        Kind::Message(message) => {
            let (problem, allowed) = message.split_once(SPLIT).unwrap_or((message.as_str(), "a valid value"));
            value_error(figment, key, problem, allowed)
        }
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            value_error(figment, key, "the value is of the wrong kind", expected)
        }
        // The others cannot come of reading text; whatever they say fits on the line.
        other => value_error(figment, key, &other.to_string(), "a valid value"),
    }
}

/// A value that breaks a rule.
pub(crate) fn value_error(figment: &Figment, key: String, problem: &str, allowed: &str) -> ConfigError {
    let source_of_value = source_of(figment, &key);
    ConfigError::Value { key, source_of_value, problem: one_line(problem), allowed: one_line(allowed) }
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn missing_hint(key: &str) -> String {
    match key {
        "database.url" => "a PostgreSQL URL in DATABASE_URL, such as `postgres://user@host:5432/name`".to_owned(),
        _ => format!("a value for {key} in the file or the environment"),
    }
}
