//! Reading the layers into one configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::Figment;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::derive;
use crate::environment::Environment;
use crate::error::{ConfigError, Source};
use crate::layer::{self, Layer};
use crate::llm::Llm;
use crate::read::one;
use crate::secret::Secret;
use crate::secret_file;
use crate::section::{Auth, Broker, Database, Documents, Github, Ingestion, Jobs, Log, Metrics, Net, Rag, Research, Server};

/// The file that is read when no other is named and it exists.
const FILE: &str = "commandcenter.toml";
/// Fewest bytes of a secret key.
const SECRET_BYTES: usize = 32;

/// What the process is, which decides a few defaults and what must be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everything in one process: SQLite and a secret key in the data directory unless configured, loopback reachable.
    #[default]
    Up,
    /// An API among others: the database and the secret key have to be given.
    Api,
    /// A worker among others: as [`Mode::Api`].
    Worker,
    /// An operator's command: the database of the data directory unless configured; the secret key may be missing.
    Tool,
}

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// What the process is.
    pub mode: Mode,
    /// The configuration file; without one, `commandcenter.toml` if it exists.
    pub file: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--bind`, unparsed, so that a wrong one is reported like every other value.
    pub bind: Option<String>,
    /// The variables to read.
    pub environment: Environment,
}

impl Overrides {
    /// The overrides of a mode without flags.
    #[must_use]
    pub fn mode(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// A configuration that reads nothing around it: no file, no variables; for tests.
    #[must_use]
    pub fn isolated(mode: Mode, data_dir: &Path) -> Self {
        let environment = Environment::Given(BTreeMap::new());
        Self { mode, data_dir: Some(data_dir.to_owned()), environment, ..Self::default() }
    }
}

/// The effective configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where files are kept: the embedded database, uploads, models, the secret key.
    #[serde(deserialize_with = "one")]
    pub data_dir: PathBuf,
    /// How the API listens.
    pub server: Server,
    /// Accounts, tokens and throttling.
    pub auth: Auth,
    /// Outgoing requests.
    pub net: Net,
    /// Where the data is.
    pub database: Database,
    /// Where repositories are read from.
    pub github: Github,
    /// Services that technology monitoring reads.
    pub research: Research,
    /// Retrieval.
    pub rag: Rag,
    /// Files that are taken in, and what reading one may cost.
    pub documents: Documents,
    /// What may be read from the local disk.
    pub ingestion: Ingestion,
    /// Background work.
    pub jobs: Jobs,
    /// Metrics.
    pub metrics: Metrics,
    /// Logs.
    pub log: Log,
    /// Redis.
    pub redis: Broker,
    /// NATS.
    pub nats: Broker,
    /// Language models.
    pub llm: Llm,
    #[serde(skip)]
    pub(crate) sources: BTreeMap<String, Source>,
}

impl Config {
    /// Reads every layer and checks every rule.
    ///
    /// # Errors
    /// [`ConfigError`] names the first key that is wrong.
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut figment = given(overrides)?;
        for layer in derive::defaults(&figment, overrides.mode) {
            figment = figment.join(layer);
        }
        let mut config: Self = figment.extract().map_err(|error| layer::explain(&figment, &error))?;
        let keys = config.settings().into_iter().map(|setting| setting.key);
        config.sources = keys.map(|key| (key.clone(), layer::source_of(&figment, &key))).collect();
        config.check(&figment)?;
        config.find_secret_key(overrides.mode)?;
        Ok(config)
    }

    /// The secret key.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] when there is none, which only [`Mode::Tool`] allows.
    pub fn secret_key(&self) -> Result<&Secret, ConfigError> {
        self.auth.secret_key.as_ref().ok_or_else(missing_secret)
    }

    /// Where the secret key of the data directory is.
    #[must_use]
    pub fn secret_file(&self) -> PathBuf {
        secret_file::path(&self.data_dir)
    }

    fn find_secret_key(&mut self, mode: Mode) -> Result<(), ConfigError> {
        if self.auth.secret_key.is_some() {
            return Ok(());
        }
        let found = match mode {
            Mode::Up => Some(secret_file::read_or_make(&self.data_dir)?),
            Mode::Api | Mode::Worker | Mode::Tool => secret_file::read(&self.data_dir)?,
        };
        let file = Source::File(self.secret_file());
        match (found, mode) {
            (Some(key), _) => {
                long_enough(&key, &file)?;
                self.auth.secret_key = Some(key);
                self.sources.insert("auth.secret_key".to_owned(), file);
                Ok(())
            }
            (None, Mode::Tool) => Ok(()),
            (None, Mode::Up | Mode::Api | Mode::Worker) => Err(missing_secret()),
        }
    }

    /// The rules that one value alone cannot tell.
    fn check(&self, figment: &Figment) -> Result<(), ConfigError> {
        if let Some(key) = &self.auth.secret_key {
            long_enough(key, self.source("auth.secret_key"))?;
        }
        self.check_servers(figment)?;
        let durations = [
            ("jobs.lease", self.jobs.lease),
            ("github.timeout", self.github.timeout),
            ("auth.access_ttl", self.auth.access_ttl),
            ("auth.refresh_ttl", self.auth.refresh_ttl),
            ("database.acquire_timeout", self.database.acquire_timeout),
            ("database.statement_timeout", self.database.statement_timeout),
        ];
        match durations.iter().find(|(_, duration)| duration.is_zero()) {
            Some((key, _)) => {
                Err(layer::value_error(figment, (*key).to_owned(), "zero is too short", "a duration above zero, such as `30s`"))
            }
            None => Ok(()),
        }
    }

    /// What the database and the brokers are reached by.
    fn check_servers(&self, figment: &Figment) -> Result<(), ConfigError> {
        let url = self.database.url.expose();
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            let allowed = "a URL that begins with sqlite:, postgres:// or postgresql://";
            return Err(layer::value_error(figment, "database.url".to_owned(), "not a database that is supported", allowed));
        }
        if self.redis.url.as_ref().is_some_and(|url| !is_redis(url.expose())) {
            let allowed = "a URL such as `redis://:password@host:6379/0`, or with rediss:// for TLS";
            return Err(layer::value_error(figment, "redis.url".to_owned(), "not the address of a Redis server", allowed));
        }
        Ok(())
    }
}

fn is_redis(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "redis" | "rediss") && url.has_host())
}

/// The layers that somebody wrote.
fn given(overrides: &Overrides) -> Result<Figment, ConfigError> {
    let mut figment = Figment::new();
    let file = match &overrides.file {
        Some(path) => Some(path.clone()),
        None if matches!(overrides.environment, Environment::Given(_)) => None,
        None => Some(PathBuf::from(FILE)).filter(|path| path.exists()),
    };
    if let Some(path) = file {
        figment = figment.merge(Layer::file(&path)?);
    }
    for (name, key, value) in overrides.environment.settings()? {
        figment = figment.merge(Layer::key(Source::Environment(name), &key, value));
    }
    if let Some(dir) = &overrides.data_dir {
        figment = figment.merge(Layer::key(Source::Flag("--data-dir".to_owned()), "data_dir", dir.display().to_string()));
    }
    if let Some(bind) = &overrides.bind {
        figment = figment.merge(Layer::key(Source::Flag("--bind".to_owned()), "server.bind", bind.as_str()));
    }
    Ok(figment)
}

fn long_enough(key: &Secret, source: &Source) -> Result<(), ConfigError> {
    if key.len() >= SECRET_BYTES {
        return Ok(());
    }
    Err(ConfigError::Value {
        key: "auth.secret_key".to_owned(),
        source_of_value: source.clone(),
        problem: format!("{} bytes are too few", key.len()),
        allowed: format!("at least {SECRET_BYTES} bytes"),
    })
}

fn missing_secret() -> ConfigError {
    ConfigError::Missing {
        key: "auth.secret_key".to_owned(),
        allowed: format!("at least {SECRET_BYTES} bytes in SECRET_KEY, the same for every process"),
    }
}
