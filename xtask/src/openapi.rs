//! `openapi`: the document of the API as committed, and the dashboard's types made from it.

use std::process::Command;

use crate::process::{Failure, capture, note, run as execute, step};
use crate::{packages, ui, up, workspace};

const DOCUMENT: &str = "docs/openapi.json";

/// Writes the document, then regenerates the dashboard's client types.
pub(crate) fn write() -> Result<(), Failure> {
    let document = current()?;
    let path = workspace::root().join(DOCUMENT);
    std::fs::write(&path, document).map_err(|e| Failure::of(DOCUMENT, e))?;
    note(format_args!("wrote {DOCUMENT}"));
    if ui::exists() {
        step("Regenerating the types of the dashboard's client");
        packages::install(&ui::folder())?;
        ui::script("generate")?;
    }
    Ok(())
}

/// Fails when the committed document is not the one of the code.
pub(crate) fn check() -> Result<(), Failure> {
    let document = current()?;
    if workspace::read(DOCUMENT).is_ok_and(|committed| committed == document) {
        return Ok(());
    }
    Err(Failure::new(format!("{DOCUMENT} is not what the code says: run `cargo xtask openapi` and commit what it writes")))
}

fn current() -> Result<String, Failure> {
    let profile = workspace::profile();
    step(format_args!("Building commandcenter ({profile})"));
    // As a part of the whole workspace, so that what the tests were built with is used again: alone it would want other features.
    execute(&mut workspace::cargo(&["build", "--locked", "--workspace", "--bin", "commandcenter", "--profile", profile]))?;
    let binary = workspace::target().join(up::folder_of(profile)).join("commandcenter");
    capture(Command::new(binary).arg("openapi"))
}
