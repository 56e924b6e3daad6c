//! `lint`: every check that is not a test. All of them run, so that one visit shows everything there is to mend.

mod advisories;
mod documents;
mod house;
mod licences;
mod problems;
mod spdx;

use clap::Args;

use crate::process::{Failure, note, run as execute, step};
use crate::workspace::{cargo, profile};
use crate::{layers, openapi, packages, ui};

/// Which checks.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only the checks that compile nothing
    #[arg(long)]
    quick: bool,
}

/// A named check.
type Check = (&'static str, fn() -> Result<(), Failure>);

const QUICK: [Check; 6] = [
    ("Format", || execute(&mut cargo(&["fmt", "--all", "--check"]))),
    ("Layers", || layers::run(None)),
    ("House rules", house::check),
    ("Paths and crates named in the documentation", documents::check),
    ("Every problem is documented", problems::check),
    ("Licences", licences::check),
];

const SLOW: [Check; 5] = [
    ("Advisories and sources (cargo-deny)", advisories::check),
    ("Clippy", clippy),
    ("Documentation of the code", rustdoc),
    ("The API's document is the one of the code", openapi::check),
    ("The dashboard's own checks", dashboard),
];

/// Runs them; fails when any does.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let slow: &[Check] = if options.quick { &[] } else { &SLOW };
    let mut failed = Vec::new();
    for (name, check) in QUICK.iter().chain(slow) {
        step(name);
        if let Err(failure) = check() {
            note(format_args!("FAILED: {failure}"));
            failed.push(*name);
        }
    }
    if failed.is_empty() {
        step("All checks passed");
        return Ok(());
    }
    Err(Failure::new(format!("failed: {}", failed.join("; "))))
}

fn clippy() -> Result<(), Failure> {
    execute(&mut cargo(&["clippy", "--workspace", "--all-targets", "--profile", profile(), "--", "-D", "warnings"]))
}

fn rustdoc() -> Result<(), Failure> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--quiet", "--profile", profile()]);
    execute(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn dashboard() -> Result<(), Failure> {
    if !ui::exists() {
        note("this checkout has no dashboard");
        return Ok(());
    }
    packages::install(&ui::folder())?;
    ui::script("lint")
}

/// One failure out of many findings, a line each.
fn findings(found: &[String]) -> Result<(), Failure> {
    if found.is_empty() { Ok(()) } else { Err(Failure::new(format!("{} findings\n      - {}", found.len(), found.join("\n      - ")))) }
}
