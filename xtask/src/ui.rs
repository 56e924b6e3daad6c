//! The dashboard's sources: their packages, their build, their own tests and checks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::process::{Failure, note, run, step};
use crate::{packages, workspace};

/// Where the sources are.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("crates/dashboard/ui")
}

/// Whether this checkout has a dashboard.
pub(crate) fn exists() -> bool {
    folder().join("package.json").is_file()
}

/// Builds the files that the API binary embeds, unless they are newer than every source.
pub(crate) fn build() -> Result<(), Failure> {
    step("Building the dashboard");
    let built = folder().join("dist/index.html");
    if let (Some(built), Some(newest)) = (modified(&built), newest_source(&folder()))
        && built >= newest
    {
        note("nothing changed since the last build");
        return Ok(());
    }
    packages::install(&folder())?;
    script("build")
}

/// Runs a script of its package.json.
pub(crate) fn script(name: &str) -> Result<(), Failure> {
    run(Command::new("npm").current_dir(folder()).args(["run", "--silent", name]))
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    let times = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        if name == "node_modules" || name == "dist" {
            return None;
        }
        let path = entry.path();
        if path.is_dir() { newest_source(&path) } else { modified(&path) }
    });
    times.max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}
