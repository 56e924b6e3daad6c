//! `test`: from a clean clone to a finished test run. What it needs it installs or starts itself, and says so.

mod clients;
pub(crate) mod database;
mod local_model;
mod redis;
mod samples;
pub(crate) mod system;

use std::process::Command;

use clap::Args;

use crate::process::{Failure, note, run as execute, step};
use crate::workspace::{cargo, is_ci, profile, root, target};
use crate::{model, packages, tools, ui, up};

/// What to leave out, for a developer in a hurry. CI leaves nothing out.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Only the tests of Rust code
    #[arg(long)]
    rust: bool,
    /// Also fetch a small language model and build a server for it; later runs find both
    #[arg(long)]
    with_local_model: bool,
    /// Filter of test names, as nextest takes it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// A database the tests of storage run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Variables that the tests read.
type Variables = Vec<(&'static str, String)>;

/// Installs, builds once, then runs everything.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    step("Preparing");
    tools::check()?;
    let mut variables = prepare(options)?;
    let postgres = match options.database {
        Some(Database::Sqlite) => None,
        Some(Database::Postgres) | None => database::find()?,
    };
    if let Some(url) = &postgres {
        variables.push(("TEST_DATABASE_URL", url.clone()));
    }
    let profile = profile();
    if let Some(url) = redis::find()? {
        variables.push(("TEST_REDIS_URL", url));
    }
    step(format_args!("Building the binaries and the tests ({profile})"));
    execute(cargo(&["build", "--workspace", "--bins", "--tests", "--profile", profile]).args(locked()))?;
    variables.push(("COMMANDCENTER_TEST_BINARIES", target().join(up::folder_of(profile)).display().to_string()));
    rust(options, profile, &variables, postgres.is_some())?;
    if !options.rust {
        others(&variables)?;
    }
    step("All tests passed");
    Ok(())
}

fn prepare(options: &Options) -> Result<Variables, Failure> {
    let mut variables = vec![("COMMANDCENTER_RAG__MODEL_DIR", model::ensure(&model::cache())?.display().to_string())];
    let recorded = root().join("tests/fixtures-server");
    packages::install(&recorded)?;
    variables.push(("COMMANDCENTER_TEST_FIXTURES", recorded.join("node_modules").display().to_string()));
    if let Some(documents) = system::documents()? {
        variables.push(("COMMANDCENTER_TEST_DOCS", documents.display().to_string()));
    }
    if let Some(samples) = samples::find() {
        variables.push(("COMMANDCENTER_TEST_FILES", samples.display().to_string()));
    }
    if let Some(clients) = clients::find()? {
        variables.push(("COMMANDCENTER_TEST_CLIENTS", clients.display().to_string()));
    }
    if let Some(local) = local_model::find(options.with_local_model)? {
        variables.push(("COMMANDCENTER_TEST_MODEL_SERVER", local.server.display().to_string()));
        variables.push(("COMMANDCENTER_TEST_MODEL_FILE", local.weights.display().to_string()));
    }
    let browser = root().join("tests/browser");
    if browser.join("package.json").is_file() {
        packages::install(&browser)?;
        if let Some(chromium) = system::chromium()? {
            variables.push(("COMMANDCENTER_TEST_CHROMIUM", chromium));
        }
    }
    // The API embeds the built dashboard, and its browser test opens it.
    if ui::exists() && !options.rust {
        ui::build()?;
    }
    Ok(variables)
}

/// The whole workspace on SQLite; on PostgreSQL again what touches a database.
fn rust(options: &Options, profile: &str, variables: &Variables, postgres: bool) -> Result<(), Failure> {
    if options.database != Some(Database::Postgres) {
        step("Tests on SQLite");
        suite(options, profile, variables, "sqlite", &[])?;
    }
    if postgres {
        step("Tests on PostgreSQL");
        suite(options, profile, variables, "postgres", &["-E", "rdeps(commandcenter-testkit)"])?;
    }
    if options.filter.is_empty() {
        step("Examples in the documentation of the code");
        let mut command = cargo(&["test", "--workspace", "--doc", "--profile", profile]);
        execute(command.args(locked()).envs(variables.iter().cloned()))?;
    }
    Ok(())
}

fn suite(options: &Options, profile: &str, variables: &Variables, database: &str, only: &[&str]) -> Result<(), Failure> {
    let mut command = if tools::has("cargo-nextest") {
        let mut command = cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--cargo-profile", profile]);
        command.args(only);
        command
    } else {
        note("cargo-nextest is not installed: `cargo test` runs everything, one test binary after another");
        cargo(&["test", "--workspace", "--bins", "--lib", "--tests", "--no-fail-fast", "--profile", profile])
    };
    command.args(locked()).args(&options.filter).env("TEST_DB", database);
    execute(command.envs(variables.iter().cloned()))
}

/// Tests that are not Rust: the dashboard's own, and the story in a browser.
fn others(variables: &Variables) -> Result<(), Failure> {
    if ui::exists() {
        step("Tests of the dashboard");
        packages::install(&ui::folder())?;
        ui::script("test")?;
    }
    let browser = root().join("tests/browser");
    if browser.join("package.json").is_file() {
        step("The story in a browser");
        execute(Command::new("npm").current_dir(browser).args(["run", "--if-present", "test"]).envs(variables.iter().cloned()))?;
    }
    Ok(())
}

/// CI tests exactly what is committed.
fn locked() -> &'static [&'static str] {
    if is_ci() { &["--locked"] } else { &[] }
}
