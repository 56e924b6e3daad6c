//! `bench gateway`: what the way through the gateway adds to a call of a model, how much it bears, and whether a budget holds over two processes.
//! Load, gateway and the model's server share the machine; every call is reserved and settled in the ledger.

mod budget;
mod crew;
mod load;
mod setup;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::bench::chain::Scratch;
use crate::bench::figure::{Figure, percentile};
use crate::bench::server::Server;
use crate::bench::{Database, figure};
use crate::process::{self, Failure, note, step};
use crate::{test, up, workspace};
use crew::ModelServer;
use load::{Kind, Taken, Target};
use setup::Gateway;

/// After its start a process still tidies up.
const REST: Duration = Duration::from_secs(5);
/// Times that each target has its turn: what the machine does beside the bench meets all of them.
const TURNS: u32 = 3;

/// How to measure. The defaults are what the promises are about.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Profile to build with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure with the programs in this folder instead of building them
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// Requests a second
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Seconds of that rate for each target
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Requests of the burst
    #[arg(long, default_value_t = 5_000)]
    requests: usize,
    /// Requests of the burst that are under way at once
    #[arg(long, default_value_t = 64)]
    concurrent: usize,
    /// Calls against the budget
    #[arg(long, default_value_t = 10_000)]
    calls: usize,
    /// Where the model's server listens, for another gateway to be pointed at
    #[arg(long, value_name = "ADDRESS")]
    model_server: Option<SocketAddr>,
    /// Another gateway that has the model's server behind it: up to and without `/v1/chat/completions`, as `http://127.0.0.1:4000`
    #[arg(long, value_name = "URL")]
    peer: Option<String>,
    /// The other gateway's key
    #[arg(long, default_value = "none", value_name = "KEY")]
    peer_key: String,
    /// What the other gateway calls the model
    #[arg(long, default_value = "bench", value_name = "NAME")]
    peer_model: String,
}

/// Builds, measures, reports.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let programs = match &options.programs {
        Some(folder) => folder.canonicalize().map_err(|e| Failure::of(folder.display(), e))?,
        None => build(&options.profile)?,
    };
    let upstream = ModelServer::start(&programs, options.model_server)?;
    note(format_args!("the model's server listens on {}", upstream.address));
    let mut figures = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_some_and(|only| only != database) {
            continue;
        }
        let server = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(test::database::find()?.ok_or_else(|| Failure::new("there is no PostgreSQL"))?),
        };
        step(format_args!("The gateway on {}", database.name()));
        let scratch = Scratch::new("gateway", server.as_deref())?;
        figures.extend(Bench { options, database, upstream: &upstream }.measure(&scratch, &programs)?);
    }
    figure::print(&figures);
    let report = workspace::target().join("bench/gateway.json");
    figure::write(&figures, &report)?;
    note(format_args!("written to {}", report.display()));
    let missed: Vec<String> = figures.iter().filter(|figure| !figure.holds()).map(ToString::to_string).collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure::new(format!("not as promised: {}", missed.join("; ")))) }
}

fn build(profile: &str) -> Result<PathBuf, Failure> {
    step(format_args!("Building the API and the model's server ({profile}; the first time takes a while)"));
    let packages = ["--package", "commandcenter-api", "--package", "commandcenter-cli", "--package", "commandcenter-testkit"];
    let bins = ["--bin", "commandcenter-api", "--bin", "commandcenter", "--bin", "model-server"];
    process::run(workspace::cargo(&["build", "--locked", "--profile", profile]).args(packages).args(bins))?;
    Ok(workspace::target().join(up::folder_of(profile)))
}

/// The measurement on one database.
struct Bench<'a> {
    options: &'a Options,
    database: Database,
    upstream: &'a ModelServer,
}

impl Bench<'_> {
    fn measure(&self, scratch: &Scratch, programs: &std::path::Path) -> Result<Vec<Figure>, Failure> {
        let place = setup::place(programs, scratch.folder.join("first"), scratch.database.clone());
        setup::migrate(programs, &place)?;
        let server = place.start()?;
        std::thread::sleep(REST);
        let mut figures = vec![self.figure("memory of the API at rest, no embedding model", server.memory()?).unit("MiB").at_most(80.0)];
        let gateway = Gateway::open(&server, self.upstream.address)?;
        figures.extend(self.latency(&gateway)?);
        figures.extend(self.burst(&gateway, &server)?);
        // SQLite is one machine's: a second process on its file is no set-up that we promise anything about.
        let second = match self.database {
            Database::Postgres => Some(setup::place(programs, scratch.folder.join("second"), scratch.database.clone()).start()?),
            Database::Sqlite => None,
        };
        let doors: Vec<SocketAddr> = std::iter::once(&server).chain(&second).map(|server| server.address).collect();
        figures.extend(budget::measure(&gateway, self.upstream, &doors, self.options.calls)?.figures(self.database));
        Ok(figures)
    }

    fn figure(&self, name: &str, value: f64) -> Figure {
        Figure::new(name, self.database.name(), value)
    }

    /// What the way adds at a steady rate: each target in turn, whole answers first, then streams.
    fn latency(&self, gateway: &Gateway) -> Result<Vec<Figure>, Failure> {
        let targets = self.targets(gateway)?;
        let mut figures = Vec::new();
        for kind in [Kind::Whole, Kind::Streamed] {
            let mut taken: Vec<Taken> = targets.iter().map(|_| Taken::default()).collect();
            for turn in 0..TURNS {
                note(format_args!("{kind:?} at {} a second, turn {} of {TURNS}", self.options.rate, turn + 1));
                for (target, taken) in targets.iter().zip(&mut taken) {
                    taken.add(load::steady(target, kind, (self.options.rate, self.options.seconds.div_ceil(TURNS)))?);
                }
            }
            figures.extend(self.added(kind, &mut taken));
        }
        Ok(figures)
    }

    /// The model's server itself, our gateway, and the other one if there is one.
    fn targets(&self, gateway: &Gateway) -> Result<Vec<Target>, Failure> {
        let mut targets = vec![Target::new("the model itself", self.upstream.address, ("", "none", "bench")), gateway.target()];
        if let Some(url) = &self.options.peer {
            targets.push(Target::at("the other gateway", url, (&self.options.peer_key, &self.options.peer_model))?);
        }
        Ok(targets)
    }

    fn added(&self, kind: Kind, taken: &mut [Taken]) -> Vec<Figure> {
        let promised = self.database == Database::Postgres && kind == Kind::Whole;
        let mut times = taken.iter_mut().map(|taken| [50, 99].map(|percent| percentile(&mut taken.times, percent)));
        let (direct, ours, peer) = (times.next().unwrap_or_default(), times.next().unwrap_or_default(), times.next());
        let mut figures = Vec::new();
        for (at, percent, bar) in [(0, "p50", 0.7), (1, "p99", 3.0)] {
            let what = kind.said();
            figures.push(self.figure(&format!("{what}, direct, {percent}"), direct[at]).unit("ms").digits(2));
            let added = self.figure(&format!("{what}, added by the gateway, {percent}"), ours[at] - direct[at]).unit("ms").digits(2);
            figures.push(if promised { added.at_most(bar) } else { added });
            if let Some(peer) = peer {
                let theirs = peer[at] - direct[at];
                figures.push(self.figure(&format!("{what}, added by the other gateway, {percent}"), theirs).unit("ms").digits(2));
                let ratio = theirs / (ours[at] - direct[at]);
                figures.push(self.figure(&format!("{what}, the other's addition to ours, {percent}"), ratio).unit("x").digits(2));
            }
        }
        let failed: usize = taken.iter().skip(1).take(1).map(|taken| taken.failed.len()).sum();
        figures.push(self.figure(&format!("{}, failed", kind.said()), failed as f64).digits(0).at_most(0.0));
        figures
    }

    /// As many as it can bear at once.
    fn burst(&self, gateway: &Gateway, server: &Server) -> Result<Vec<Figure>, Failure> {
        let at = (self.options.requests, self.options.concurrent);
        note(format_args!("{} requests, {} at once", at.0, at.1));
        let (ours, took) = load::burst(&gateway.target(), at)?;
        for failed in ours.failed.iter().take(3) {
            note(format_args!("failed: {failed}"));
        }
        let rate = at.0 as f64 / took.as_secs_f64();
        let mut figures = vec![
            self.figure("burst, errors", ours.failed.len() as f64).digits(0).at_most(0.0),
            self.figure("burst, through the gateway", rate).unit("req/s"),
            self.figure("memory of the API after the burst", server.memory()?).unit("MiB"),
        ];
        if let Some(url) = &self.options.peer {
            let target = Target::at("the other gateway", url, (&self.options.peer_key, &self.options.peer_model))?;
            let (theirs, took) = load::burst(&target, at)?;
            let theirs_rate = at.0 as f64 / took.as_secs_f64();
            figures.push(self.figure("burst, through the other gateway", theirs_rate).unit("req/s"));
            figures.push(self.figure("burst, errors of the other gateway", theirs.failed.len() as f64).digits(0));
            figures.push(self.figure("burst, our rate to the other's", rate / theirs_rate).unit("x").digits(2));
        }
        Ok(figures)
    }
}
