//! `up`: from a clean clone to a running system.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::process::{self, Failure, note, step};
use crate::{model, tools, ui, workspace};

/// How to start.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Build without optimisation: ready sooner, runs slower
    #[arg(long)]
    dev: bool,
    /// Folder of the database, the secret key and the model
    #[arg(long, value_name = "DIR", default_value = "data")]
    data_dir: PathBuf,
    /// What `commandcenter up` is given besides, such as `--bind 0.0.0.0:8000`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

/// Checks, builds, fetches, starts; ends when the server does.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    step("Checking tools");
    tools::check()?;
    if ui::exists() {
        ui::build()?;
    }
    let profile = if options.dev { "dev" } else { "release" };
    let binary = build(profile)?;
    let model = model::ensure(&options.data_dir.join("models/all-MiniLM-L6-v2"));
    if let Err(failure) = model {
        note(format_args!("{failure}"));
        note("Without the model search goes by words only; `commandcenter models fetch` tries again.");
    }
    step("Starting CommandCenter (Ctrl-C stops it)");
    process::run(Command::new(binary).arg("up").arg("--data-dir").arg(&options.data_dir).args(&options.rest))
}

/// Builds `commandcenter` and says where it is.
pub(crate) fn build(profile: &str) -> Result<PathBuf, Failure> {
    step(format_args!("Building commandcenter ({profile}; the first time takes a while)"));
    process::run(&mut workspace::cargo(&["build", "--locked", "--package", "commandcenter-cli", "--profile", profile]))?;
    Ok(workspace::target().join(folder_of(profile)).join("commandcenter"))
}

/// cargo keeps the dev profile in `debug`.
pub(crate) fn folder_of(profile: &str) -> &str {
    if profile == "dev" { "debug" } else { profile }
}
