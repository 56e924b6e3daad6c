//! What is wrong with a configuration, in one line.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A command line flag.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// Why there is no configuration. Prints as one line that names the key, where its value came from and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value breaks the rule of its key.
    #[error("{key} (from {source_name}): {problem}; allowed: {allowed}", source_name = .source_of_value)]
    Value {
        /// The key, `section.key` style.
        key: String,
        /// Where the value came from.
        source_of_value: Source,
        /// What is wrong with it. Never holds a secret.
        problem: String,
        /// What the key takes.
        allowed: String,
    },
    /// A key that nothing reads.
    #[error("{key} (from {source_name}): unknown key; allowed: {allowed}", source_name = .source_of_value)]
    UnknownKey {
        /// The key, `section.key` style.
        key: String,
        /// Where it was set.
        source_of_value: Source,
        /// The keys that exist at its place.
        allowed: String,
    },
    /// A key that has to be set and is not.
    #[error("{key}: not set; allowed: {allowed}")]
    Missing {
        /// The key, `section.key` style.
        key: String,
        /// How to set it, and to what.
        allowed: String,
    },
    /// A file that has to be read or written and cannot be.
    #[error("{path}: {problem}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfigError {
    pub(crate) fn file(path: &Path, problem: impl fmt::Display) -> Self {
        Self::File { path: path.to_owned(), problem: one_line(&problem.to_string()) }
    }
}

/// Lines joined, so that an error stays one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
