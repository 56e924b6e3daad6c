//! The job engine: throughput, latency, the claim beside a long history, the cost of idling, watchers, and chaos. Measured by `jobs-bench`,
//! a program of the test kit that starts workers, an API and a database server as processes of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::bench::{Database, figure};
use crate::process::{self, Failure, capture, note, step};
use crate::{postgres, test, up, workspace};

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
    /// Jobs to run
    #[arg(long, default_value_t = 20_000)]
    jobs: usize,
    /// Finished jobs of the long history
    #[arg(long, default_value_t = 1_000_000)]
    finished: usize,
    /// Watchers of one job
    #[arg(long, default_value_t = 1_000)]
    watchers: usize,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Throughput, latency, history, idling
    Speed,
    /// Many watchers on one busy job
    Watchers,
    /// Workers killed, the database restarted
    Chaos,
}

/// Builds, measures, reports.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let program = build(&options.profile)?;
    let mut figures = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_some_and(|only| only != database) {
            continue;
        }
        for part in [Part::Speed, Part::Watchers, Part::Chaos] {
            if !options.only.is_empty() && !options.only.contains(&part) {
                continue;
            }
            step(format_args!("{part:?} on {}", database.name()));
            let said = say(&program, (database, part), options)?;
            figures.extend(match part {
                Part::Speed => speed(&said, database),
                Part::Watchers => watchers(&said, database),
                Part::Chaos => chaos(&said, database),
            });
        }
    }
    figure::print(&figures);
    let report = workspace::target().join("bench/jobs.json");
    figure::write(&figures, &report)?;
    note(format_args!("written to {}", report.display()));
    let missed: Vec<String> = figures.iter().filter(|figure| !figure.holds()).map(ToString::to_string).collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure::new(format!("not as promised: {}", missed.join("; ")))) }
}

fn build(profile: &str) -> Result<PathBuf, Failure> {
    step(format_args!("Building jobs-bench ({profile}; the first time takes a while)"));
    let arguments = ["build", "--locked", "--package", "commandcenter-testkit", "--bin", "jobs-bench", "--profile", profile];
    process::run(&mut workspace::cargo(&arguments))?;
    Ok(workspace::target().join(up::folder_of(profile)).join("jobs-bench"))
}

/// Runs the program and reads the line of JSON that it ends with.
fn say(program: &Path, (database, part): (Database, Part), options: &Options) -> Result<Value, Failure> {
    let mut command = Command::new(program);
    match part {
        Part::Speed => command.arg("measure").args(["--jobs", &options.jobs.to_string(), "--finished", &options.finished.to_string()]),
        Part::Watchers => command.arg("watchers").args(["--watchers", &options.watchers.to_string()]),
        Part::Chaos => command.arg("chaos"),
    };
    // A server that is ours to restart: with our own programs where those are installed, else with the machine's.
    if let (Part::Chaos, Some(programs)) = (part, postgres::programs()) {
        command.arg("--programs").arg(programs);
    }
    if database == Database::Postgres {
        let server = test::database::find()?.ok_or_else(|| Failure::new("there is no PostgreSQL"))?;
        command.env("TEST_DB", "postgres").env("TEST_DATABASE_URL", server);
    }
    let text = capture(&mut command)?;
    let line = text.lines().last().unwrap_or_default();
    note(line);
    serde_json::from_str(line).map_err(|e| Failure::of("the figures", e))
}

fn number(said: &Value, name: &str) -> f64 {
    said[name].as_f64().unwrap_or(f64::NAN)
}

fn speed(said: &Value, database: Database) -> Vec<figure::Figure> {
    let figure = |title, name: &str| figure::Figure::new(title, database.name(), number(said, name));
    let before = number(said, "claim_ms");
    let mut figures = vec![
        figure("claim of 16", "claim_ms").unit("ms"),
        figure("claim of 16 beside a long history", "claim_ms_beside_history").unit("ms").at_most(before * 1.2),
        figure("attempts kept", "attempts_kept").at_least(1.0),
    ];
    match database {
        Database::Postgres => figures.extend([
            figure("jobs executed", "executed_per_second").unit("/s").at_least(4_000.0),
            figure("jobs enqueued in batches of 100", "enqueued_per_second").unit("/s").at_least(10_000.0),
            figure("enqueue to start, p50", "start_p50_ms").unit("ms").at_most(5.0),
            figure("enqueue to start, p99", "start_p99_ms").unit("ms").at_most(25.0),
            figure("idle worker, of a core", "idle_core_percent").unit("%").at_most(1.0),
        ]),
        Database::Sqlite => figures.extend([
            figure("jobs executed", "executed_per_second").unit("/s").at_least(2_000.0),
            figure("jobs enqueued in batches of 100", "enqueued_per_second").unit("/s"),
            figure("enqueue to start, p50", "start_p50_ms").unit("ms"),
            figure("enqueue to start, p99", "start_p99_ms").unit("ms").at_most(25.0),
        ]),
    }
    figures
}

fn watchers(said: &Value, database: Database) -> Vec<figure::Figure> {
    let figure = |title, name: &str| figure::Figure::new(title, database.name(), number(said, name));
    vec![
        figure("watchers on one job", "watchers"),
        figure("delivery to watchers, p50", "delivery_p50_ms").unit("ms"),
        figure("delivery to watchers, p99", "delivery_p99_ms").unit("ms").at_most(200.0),
        figure("frames to the watcher that had the least", "frames_least"),
        figure("memory of the API, growth by watchers", "api_growth_mib").unit("MiB").at_most(64.0),
    ]
}

fn chaos(said: &Value, database: Database) -> Vec<figure::Figure> {
    let figure = |title, name: &str| figure::Figure::new(title, database.name(), number(said, name));
    let jobs = number(said, "jobs");
    vec![
        figure("chaos: workers killed", "kills"),
        // SQLite has no server to restart.
        figure("chaos: restarts of the database", "restarts").at_least(if database == Database::Postgres { 2.0 } else { 0.0 }),
        figure("chaos: leases lost", "leases_lost"),
        figure("chaos: jobs completed", "completed").at_least(jobs),
        figure("chaos: effects", "effects").at_least(jobs).at_most(jobs),
        figure("chaos: effects made twice", "effects_twice").at_most(0.0),
    ]
}
