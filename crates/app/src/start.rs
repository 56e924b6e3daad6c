//! Starting up: why a process does not start, in one line an operator can act on.

use commandcenter_config::ConfigError;
use commandcenter_repositories::ConnectError;

use crate::schema::SchemaError;

/// Why a process does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened.
    #[error("{0}: {1}")]
    Database(ConnectError, String),
    /// The schema is not the one this program knows.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The data directory cannot be used.
    #[error("cannot use the data directory {0}: {1}")]
    DataDir(std::path::PathBuf, std::io::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Bind(std::net::SocketAddr, std::io::Error),
    /// The server broke.
    #[error("the server stopped: {0}")]
    Serve(#[from] std::io::Error),
    /// An adapter could not be built.
    #[error("{0}")]
    Part(String),
}

impl From<ConnectError> for StartError {
    fn from(err: ConnectError) -> Self {
        let cause = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
        Self::Database(err, cause)
    }
}
