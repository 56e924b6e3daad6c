//! Where things are: the repository, the build folder, the variables we were called with.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, capture};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    let given = variable("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    // A relative folder is relative to where cargo was called; for xtask that is the repository.
    root().canonicalize().unwrap_or_else(|_| root().to_owned()).join(given)
}

/// A variable of our environment that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place where xtask reads its environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether this is a run that must not leave anything out.
pub(crate) fn is_ci() -> bool {
    variable("CI").is_some_and(|value| value == "true" || value == "1")
}

/// cargo, in the repository's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    command.current_dir(root()).args(arguments);
    command
}

/// What `cargo metadata` says about the workspace.
pub(crate) fn metadata(arguments: &[&str]) -> Result<serde_json::Value, Failure> {
    let text = capture(cargo(&["metadata", "--format-version", "1"]).args(arguments))?;
    serde_json::from_str(&text).map_err(|e| Failure::of("cargo metadata", e))
}

/// The files of the repository that git knows or would add, as paths from its root.
pub(crate) fn files() -> Result<Vec<String>, Failure> {
    let text = capture(Command::new("git").current_dir(root()).args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> = text.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Reads a file of the repository.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(root().join(path)).map_err(|e| Failure::of(path, e))
}

/// The one profile that tests and checks build with, so that nothing is built twice.
pub(crate) fn profile() -> &'static str {
    if is_ci() { "ci" } else { "dev" }
}
