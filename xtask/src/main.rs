//! The developer's command line: `cargo xtask <command>`.
//!
//! It imports none of our crates and reads the workspace through `cargo metadata`, so that it judges the product from outside.

mod bench;
mod layers;
mod lint;
mod model;
mod openapi;
mod packages;
mod postgres;
mod process;
mod test;
mod tools;
mod ui;
mod up;
mod wheel;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::process::Failure;

/// Everything a developer of CommandCenter runs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// From a clean clone to a running system: checks tools, builds, fetches the model, starts
    Up(up::Options),
    /// Every test, on both databases; installs or starts what they need
    Test(test::Options),
    /// Every check that is not a test
    Lint(lint::Options),
    /// Which crate may import which, and which framework it may name
    CheckLayers {
        /// Judge this output of `cargo metadata` instead of the workspace
        #[arg(long, value_name = "FILE")]
        metadata: Option<PathBuf>,
    },
    /// Write docs/openapi.json and the client types of the dashboard
    Openapi {
        /// Only compare with what is committed
        #[arg(long)]
        check: bool,
    },
    /// Fetch the embedding model
    Model {
        /// Folder to put it into [default: target/models/all-MiniLM-L6-v2]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// A PostgreSQL with pgvector of our own, for tests and benches
    Postgres {
        /// What to do with it
        #[arg(value_enum)]
        action: postgres::Action,
    },
    /// Measure, and compare with the figures we promise
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Up(options) => up::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Lint(options) => lint::run(&options),
        Command::CheckLayers { metadata } => layers::run(metadata.as_deref()),
        Command::Openapi { check: true } => openapi::check(),
        Command::Openapi { check: false } => openapi::write(),
        Command::Model { dir } => model::ensure(&dir.unwrap_or_else(model::cache)).map(|path| println!("{}", path.display())),
        Command::Postgres { action } => postgres::run(action),
        Command::Bench(bench) => bench::run(&bench),
    }
}
