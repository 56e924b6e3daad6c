//! `bench`: the figures we promise, measured on real processes through HTTP, as a user would.

mod account;
mod chain;
mod figure;
mod gateway;
mod http;
mod jobs;
mod knowledge;
mod list;
mod rag;
mod server;
mod start;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::process::Failure;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Start, memory, a list of 10,000 rows under load, indexing and querying real documents
    Chain(Options),
    /// The gateway to language models: what it adds to a call, what it bears, whether a budget holds
    Gateway(gateway::Options),
    /// The job engine: throughput, latency, a long history, idling, chaos
    Jobs(jobs::Options),
    /// Retrieval: how well the right passage is found, on judged collections
    Rag(rag::Options),
}

/// How to measure. The defaults are what the promises are about.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Profile to build with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Rows of the list
    #[arg(long, default_value_t = 10_000)]
    rows: usize,
    /// Seconds of load
    #[arg(long, default_value_t = 15)]
    seconds: u32,
    /// Documents to index
    #[arg(long, default_value_t = 300)]
    documents: usize,
    /// Questions to ask
    #[arg(long, default_value_t = 500)]
    queries: usize,
}

/// Where the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Time to the first healthy answer, and memory at rest
    Start,
    /// The list of technologies under load
    List,
    /// Indexing and querying real documents
    Knowledge,
}

/// Measures.
pub(crate) fn run(bench: &Bench) -> Result<(), Failure> {
    match bench {
        Bench::Chain(options) => chain::run(options),
        Bench::Gateway(options) => gateway::run(options),
        Bench::Jobs(options) => jobs::run(options),
        Bench::Rag(options) => rag::run(options),
    }
}
