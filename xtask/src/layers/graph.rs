//! The part of `cargo metadata` that the rule is about.

use serde::Deserialize;
use serde_json::Value;

use crate::process::Failure;

/// A crate of the workspace and what it says it depends on.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    /// As in its Cargo.toml.
    pub(crate) name: String,
    /// Where its Cargo.toml is.
    pub(crate) manifest_path: String,
    /// What it names, of ours and of others.
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line of a dependency table.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The package's name, also when it is renamed.
    pub(crate) name: String,
    /// Which table: `None` is `[dependencies]`.
    #[serde(default)]
    pub(crate) kind: Option<Kind>,
}

/// A dependency table that is not `[dependencies]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// `[dev-dependencies]`.
    Dev,
    /// `[build-dependencies]`.
    Build,
}

/// Reads the packages out of the output of `cargo metadata --no-deps`.
pub(crate) fn packages(metadata: &Value) -> Result<Vec<Package>, Failure> {
    let packages = metadata.get("packages").cloned().ok_or_else(|| Failure::new("cargo metadata lists no packages"))?;
    serde_json::from_value(packages).map_err(|e| Failure::of("cargo metadata", e))
}
