//! Where the collections are indexed: a data folder and a database, gone afterwards or kept for the next run.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::bench::http::Client;
use crate::bench::server::{Place, Program};
use crate::bench::{Database, account};
use crate::process::{Failure, capture, run as execute};
use crate::{postgres, workspace};

/// What becomes of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// It is gone afterwards.
    Once,
    /// The next run finds it.
    Kept,
}

/// A server's home.
pub(super) struct Home {
    pub(super) place: Place,
    /// The server and the name of the database, on PostgreSQL.
    database: Option<(String, String)>,
    stay: Stay,
}

impl Home {
    /// A home for a database; a kept one is the one that an earlier run left.
    pub(super) fn open((database, server): (Database, Option<&str>), (binary, model): (&Path, &Path), stay: Stay) -> Result<Self, Failure> {
        let kept = match stay {
            Stay::Kept => "kept".to_owned(),
            Stay::Once => std::process::id().to_string(),
        };
        let name = format!("bench_rag_{}_{kept}", database.name().to_lowercase());
        let folder = workspace::target().join("bench").join(&name);
        let url = server.map(|server| ensure_database(server, &name)).transpose()?;
        let place = Place { binary: binary.to_owned(), program: Program::Up, folder, database: url, model: Some(model.to_owned()) };
        Ok(Self { place, database: server.map(|server| (server.to_owned(), name)), stay })
    }
}

/// A connection in the project of a collection, which is made when it is not there.
pub(super) fn project(address: SocketAddr, name: &str) -> Result<Client, Failure> {
    let headers = account::enter(address, name)?;
    account::connect(address, &headers)
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.stay == Stay::Kept {
            return;
        }
        // What stays behind costs only space.
        drop(std::fs::remove_dir_all(&self.place.folder));
        if let Some((server, name)) = &self.database {
            drop(psql(server).args(["-q", "-c", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).status());
        }
    }
}

fn ensure_database(server: &str, name: &str) -> Result<String, Failure> {
    let exists = capture(psql(server).args(["-tAc", &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")]))?;
    if exists.trim().is_empty() {
        execute(psql(server).args(["-q", "-c", &format!("CREATE DATABASE {name}")]))?;
    }
    let (base, _) = server.rsplit_once('/').ok_or_else(|| Failure::new("TEST_DATABASE_URL names no database"))?;
    Ok(format!("{base}/{name}"))
}

fn psql(server: &str) -> Command {
    let mut command = postgres::psql();
    command.arg(server);
    command
}
