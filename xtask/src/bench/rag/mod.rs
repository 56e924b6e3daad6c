//! `bench rag`: how well the right passage is found, on retrieval collections that people judged, and how fast.

mod home;
mod quality;
mod rank;
mod set;
mod speed;
mod upload;

use std::path::PathBuf;

use clap::Args;

use crate::bench::{Database, figure};
use crate::process::{Failure, note, step};
use crate::{model, test, ui, up, workspace};
use home::{Home, Stay};
use set::Collection;

/// How to measure. The defaults are what the promises are about.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folder of the collections, each a folder with corpus.jsonl, queries.jsonl and qrels.tsv
    #[arg(long, value_name = "DIR", default_value = "../shared/data/ir")]
    data: PathBuf,
    /// Only these collections
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Profile to build with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Keep the indexed collections, and take those that an earlier run kept instead of indexing again
    #[arg(long)]
    keep: bool,
    /// Measure speed in a large project instead of quality
    #[arg(long)]
    speed: bool,
    /// Passages of the large project
    #[arg(long, default_value_t = 100_000)]
    passages: usize,
    /// Questions to it, one at a time, and as many again eight at once
    #[arg(long, default_value_t = 500)]
    queries: usize,
}

/// Builds, indexes, asks, reports. Fails when a bar is missed.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let collections = set::all(&options.data, &options.only)?;
    let binary = match &options.binary {
        Some(path) => path.canonicalize().map_err(|e| Failure::of(path.display(), e))?,
        None => build(&options.profile)?,
    };
    let model = model::ensure(&model::cache())?;
    let mut figures = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_some_and(|only| only != database) {
            continue;
        }
        let server = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(test::database::find()?.ok_or_else(|| Failure::new("there is no PostgreSQL"))?),
        };
        let stay = if options.keep { Stay::Kept } else { Stay::Once };
        let home = Home::open((database, server.as_deref()), (&binary, &model), stay)?;
        figures.extend(if options.speed {
            speed_of(&home, options, (&collections, database))?
        } else {
            measure(&home, &collections, database)?
        });
    }
    figure::print(&figures);
    let report = workspace::target().join(if options.speed { "bench/rag-speed.json" } else { "bench/rag.json" });
    figure::write(&figures, &report)?;
    note(format_args!("written to {}", report.display()));
    let missed: Vec<String> = figures.iter().filter(|figure| !figure.holds()).map(ToString::to_string).collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure::new(format!("not as promised: {}", missed.join("; ")))) }
}

fn build(profile: &str) -> Result<PathBuf, Failure> {
    if ui::exists() {
        ui::build()?;
    }
    up::build(profile)
}

fn speed_of(home: &Home, options: &Options, (collections, database): (&[Collection], Database)) -> Result<Vec<figure::Figure>, Failure> {
    let filler = speed::build(&options.profile)?;
    let corpora: Vec<PathBuf> = collections.iter().map(|collection| options.data.join(&collection.name).join("corpus.jsonl")).collect();
    let load = speed::Load { passages: options.passages, queries: options.queries };
    speed::measure(home, (&filler, &corpora), (collections, load, database))
}

fn measure(home: &Home, collections: &[Collection], database: Database) -> Result<Vec<figure::Figure>, Failure> {
    let server = home.place.start()?;
    let mut figures = Vec::new();
    for collection in collections {
        step(format_args!(
            "{} on {}: {} documents, {} queries",
            collection.name,
            database.name(),
            collection.documents.len(),
            collection.queries.len()
        ));
        let documents = upload::ensure(&mut home::project(server.address, &collection.name)?, collection)?;
        // Indexing may outlast the login.
        let mut client = home::project(server.address, &collection.name)?;
        let measured = quality::measure(&mut client, collection, &documents)?;
        figures.extend(quality::figures(collection, &measured, database.name()));
    }
    Ok(figures)
}
