//! The sections of the configuration, one struct each. Their defaults are in [`crate::layer`], beside each other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cidr::Cidr;
use crate::keep::Keep;
use crate::print::human;
use crate::read::{list, maybe, one};
use crate::secret::{Secret, SecretUrl};
use crate::size::Size;

/// `server`: how the API listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    #[serde(deserialize_with = "one")]
    pub bind: SocketAddr,
    /// How the outside reaches it, without a slash at the end.
    #[serde(deserialize_with = "one")]
    pub public_url: String,
    /// Origins of other web pages that may call it.
    #[serde(deserialize_with = "list")]
    pub cors_origins: Vec<String>,
    /// How long running requests and jobs may take to finish after a request to stop.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub drain: Duration,
}

/// `auth`: accounts, tokens and throttling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The key that signs tokens and seals stored secrets; at least 32 bytes. Also `SECRET_KEY`.
    #[serde(default, deserialize_with = "maybe")]
    pub secret_key: Option<Secret>,
    /// Whether strangers may register after the first account.
    #[serde(deserialize_with = "one")]
    pub open_registration: bool,
    /// Whether requests are throttled.
    #[serde(deserialize_with = "one")]
    pub rate_limits: bool,
    /// How long an access token is good for.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub access_ttl: Duration,
    /// How long a session lives without being refreshed.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub refresh_ttl: Duration,
}

/// `net`: outgoing requests to addresses that users give.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Net {
    /// Private ranges that may be reached nevertheless.
    #[serde(deserialize_with = "list")]
    pub allow_private: Vec<Cidr>,
}

/// `database`: where the data is and the limits of the pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:` or `postgres:` URL. Also `DATABASE_URL`.
    #[serde(deserialize_with = "one")]
    pub url: SecretUrl,
    /// Most connections open at once.
    #[serde(deserialize_with = "one")]
    pub pool_size: u32,
    /// How long a caller waits for a connection.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub acquire_timeout: Duration,
    /// How long an unused connection stays open.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub idle_timeout: Duration,
    /// How long any connection stays open.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub max_lifetime: Duration,
    /// How long one statement may take.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub statement_timeout: Duration,
    /// Whether an idle connection is pinged before it is used.
    #[serde(deserialize_with = "one")]
    pub test_before_acquire: bool,
}

/// `github`: the service that repositories are read from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Github {
    /// Base URL of the REST API.
    #[serde(deserialize_with = "one")]
    pub api_url: String,
    /// URL of the GraphQL API.
    #[serde(deserialize_with = "one")]
    pub graphql_url: String,
    /// Token for repositories that have none of their own. Also `GITHUB_TOKEN`.
    #[serde(default, deserialize_with = "maybe")]
    pub token: Option<Secret>,
    /// How long one request may take.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub timeout: Duration,
}

/// `research`: services that technology monitoring reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Research {
    /// Base URL of Hacker News' search.
    #[serde(deserialize_with = "one")]
    pub hn_url: String,
    /// Base URL of arXiv's API.
    #[serde(deserialize_with = "one")]
    pub arxiv_url: String,
}

/// `rag`: retrieval and its embedding model.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rag {
    /// Folder with `model.onnx` and `tokenizer.json`.
    #[serde(deserialize_with = "one")]
    pub model_dir: PathBuf,
    /// Base URL of the model hub that `commandcenter models fetch` asks first.
    #[serde(deserialize_with = "one")]
    pub hub_url: String,
}

/// `documents`: files that are taken in, and what reading one may cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Most bytes of a file.
    pub max_file: Size,
    /// Address space of the process that reads a file.
    pub parser_memory: Size,
    /// Time of a processor that reading a file may take.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub parser_cpu: Duration,
    /// Time by the clock that reading a file may take.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub parser_time: Duration,
    /// The program that reads files, when it is not the one that runs.
    #[serde(default, deserialize_with = "maybe")]
    pub parser: Option<PathBuf>,
}

/// `ingestion`: what may be read from the local disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingestion {
    /// Folders that the folder watcher and local analysis may read.
    #[serde(deserialize_with = "list")]
    pub allowed_roots: Vec<PathBuf>,
}

/// `jobs`: background work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Jobs that one process runs at once.
    #[serde(deserialize_with = "one")]
    pub slots: u32,
    /// How many of the slots each queue may fill.
    #[serde(default)]
    pub queues: Queues,
    /// How long a silent worker keeps a job.
    #[serde(deserialize_with = "one", serialize_with = "human")]
    pub lease: Duration,
    /// How long jobs are kept after they ended.
    pub retention: Retention,
}

/// `jobs.retention`: how long jobs are kept after they ended, by how they ended; then they go to the archive.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Those that are done.
    pub completed: Keep,
    /// Those that were stopped on request.
    pub cancelled: Keep,
    /// Those that failed for good.
    pub failed: Keep,
    /// Those that failed on every attempt.
    pub dead: Keep,
    /// How long the archive keeps what came into it.
    pub archive: Keep,
}

/// `jobs.queues`: most jobs of a queue that one process runs at once; a queue that is not named may fill all slots.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queues {
    /// Whatever has no queue of its own.
    #[serde(deserialize_with = "maybe")]
    pub default: Option<u32>,
    /// Synchronisations with outside systems.
    #[serde(deserialize_with = "maybe")]
    pub sync: Option<u32>,
    /// Reading documents into the knowledge base.
    #[serde(deserialize_with = "maybe")]
    pub ingest: Option<u32>,
    /// Work that calls models.
    #[serde(deserialize_with = "maybe")]
    pub ai: Option<u32>,
    /// Files that people asked for.
    #[serde(deserialize_with = "maybe")]
    pub export: Option<u32>,
    /// Deliveries to outside receivers.
    #[serde(deserialize_with = "maybe")]
    pub webhooks: Option<u32>,
}

/// `metrics`: what Prometheus reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Whether `/metrics` needs no token.
    #[serde(deserialize_with = "one")]
    pub public: bool,
}

/// `log`: what is written to standard error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for programs.
    #[serde(deserialize_with = "one")]
    pub format: LogFormat,
    /// A level, or a filter such as `info,commandcenter_http=debug`. Also `RUST_LOG`.
    #[serde(deserialize_with = "one")]
    pub level: LogFilter,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Which events are logged. **Invariant:** every directive of the filter ends in a level or names a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFilter(pub(crate) String);

impl LogFilter {
    /// The filter as `tracing-subscriber` reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `redis` and `nats`: brokers between many processes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// Where it is. Also `REDIS_URL`, `NATS_URL`.
    #[serde(default, deserialize_with = "maybe")]
    pub url: Option<SecretUrl>,
}
