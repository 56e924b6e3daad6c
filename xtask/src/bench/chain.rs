//! The measurements of the chain, part by part, each on folders and databases of its own.

use std::path::PathBuf;
use std::process::Command;

use crate::bench::server::{Place, Program};
use crate::bench::{Database, Options, Part, figure, knowledge, list, start};
use crate::process::{Failure, note, run as execute, step};
use crate::{model, postgres, test, ui, up, workspace};

/// Builds, measures, reports. Fails when a bar is missed or a part could not be measured.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let binary = match &options.binary {
        Some(path) => path.canonicalize().map_err(|e| Failure::of(path.display(), e))?,
        None => build(&options.profile)?,
    };
    let model = model::ensure(&model::cache())?;
    let mut figures = Vec::new();
    let mut failed = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_some_and(|only| only != database) {
            continue;
        }
        let server = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(test::database::find()?.ok_or_else(|| Failure::new("there is no PostgreSQL"))?),
        };
        for part in [Part::Start, Part::List, Part::Knowledge] {
            if !options.only.is_empty() && !options.only.contains(&part) {
                continue;
            }
            step(format_args!("{part:?} on {}", database.name()));
            let scratch = Scratch::new(&format!("{part:?}"), server.as_deref())?;
            let mut place = Place {
                binary: binary.clone(),
                program: Program::Up,
                folder: scratch.folder.clone(),
                database: scratch.database.clone(),
                model: Some(model.clone()),
            };
            match measure(part, &mut place, (options, database)) {
                Ok(measured) => figures.extend(measured),
                Err(failure) => {
                    note(format_args!("FAILED: {failure}"));
                    failed.push(format!("{part:?} on {} could not be measured", database.name()));
                }
            }
        }
    }
    figure::print(&figures);
    let report = workspace::target().join("bench/chain.json");
    figure::write(&figures, &report)?;
    note(format_args!("written to {}", report.display()));
    failed.extend(figures.iter().filter(|figure| !figure.holds()).map(ToString::to_string));
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("not as promised: {}", failed.join("; ")))) }
}

fn build(profile: &str) -> Result<PathBuf, Failure> {
    if ui::exists() {
        ui::build()?;
    }
    up::build(profile)
}

fn measure(part: Part, place: &mut Place, (options, database): (&Options, Database)) -> Result<Vec<figure::Figure>, Failure> {
    match part {
        Part::Start => start::measure(place, database.name()),
        Part::List => list::measure(place, options, database.name()),
        Part::Knowledge => knowledge::measure(place, options, database.name()),
    }
}

/// A folder, and on PostgreSQL a database, that are gone afterwards.
pub(super) struct Scratch {
    pub(super) folder: PathBuf,
    pub(super) database: Option<String>,
    drop_with: Option<(String, String)>,
}

impl Scratch {
    /// For a part of a bench, by its name.
    pub(super) fn new(part: &str, server: Option<&str>) -> Result<Self, Failure> {
        let name = format!("bench_{part}_{}", std::process::id()).to_lowercase();
        let folder = workspace::target().join("bench").join(&name);
        std::fs::create_dir_all(&folder).map_err(|e| Failure::of(folder.display(), e))?;
        let Some(server) = server else { return Ok(Self { folder, database: None, drop_with: None }) };
        execute(psql(server).args(["-q", "-c", &format!("CREATE DATABASE {name}")]))?;
        let (base, _) = server.rsplit_once('/').ok_or_else(|| Failure::new("TEST_DATABASE_URL names no database"))?;
        Ok(Self { folder, database: Some(format!("{base}/{name}")), drop_with: Some((server.to_owned(), name)) })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind costs only space.
        drop(std::fs::remove_dir_all(&self.folder));
        if let Some((server, name)) = &self.drop_with {
            drop(psql(server).args(["-q", "-c", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).status());
        }
    }
}

fn psql(server: &str) -> Command {
    let mut command = postgres::psql();
    command.arg(server);
    command
}
