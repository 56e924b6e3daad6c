//! `check-layers`: who may import whom, and who may name which framework.
//!
//! The rule is data (`table`), the judgement is a function of what `cargo metadata` says (`judge`), so that a test can feed it a
//! workspace that breaks the rule.

mod graph;
mod judge;
mod table;

use std::path::Path;

use crate::process::{Failure, note};
use crate::workspace;

pub(crate) use graph::Package;

/// Judges the workspace, or a file with the output of `cargo metadata`.
pub(crate) fn run(file: Option<&Path>) -> Result<(), Failure> {
    let metadata = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::of(path.display(), e))?;
            serde_json::from_str(&text).map_err(|e| Failure::of(path.display(), e))?
        }
        None => workspace::metadata(&["--no-deps"])?,
    };
    let packages = graph::packages(&metadata)?;
    let violations = judge::judge(&packages);
    if violations.is_empty() {
        note(format_args!("{} crates keep to their layers", packages.len()));
        return Ok(());
    }
    Err(Failure::new(format!("the layers are broken\n  - {}\nThe table is in xtask/src/layers/table.rs.", violations.join("\n  - "))))
}

/// The crates of the workspace, for other checks.
pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    graph::packages(&workspace::metadata(&["--no-deps"])?)
}
