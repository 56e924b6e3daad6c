//! The configuration of every CommandCenter process, read once at its start.
//!
//! Four layers, each stronger than the one before: the defaults, `commandcenter.toml`, the environment, the flags. A key that
//! nobody knows and a value that breaks its rule stop the start with one line: [`ConfigError`]. This crate is the only place
//! that reads the environment.

mod cidr;
mod derive;
mod environment;
mod error;
mod keep;
mod layer;
mod llm;
mod load;
mod print;
mod read;
mod secret;
mod secret_file;
mod section;
mod size;
mod time;

#[cfg(test)]
mod tests;

pub use cidr::Cidr;
pub use environment::Environment;
pub use error::{ConfigError, Source};
pub use keep::Keep;
pub use llm::{Llm, LlmDialect, LlmModel, LlmProvider};
pub use load::{Config, Mode, Overrides};
pub use print::Setting;
pub use secret::{Secret, SecretUrl, mask_url};
pub use section::{
    Auth, Broker, Database, Documents, Github, Ingestion, Jobs, Log, LogFilter, LogFormat, Metrics, Net, Queues, Rag, Research, Retention,
    Server,
};
pub use size::Size;
pub use time::{format_duration, parse_duration};
