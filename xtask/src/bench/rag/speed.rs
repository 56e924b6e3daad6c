//! How fast a large project answers: one question at a time, and eight at once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::figure::{Figure, percentile};
use crate::bench::http::Client;
use crate::bench::rag::home::Home;
use crate::bench::rag::set::Collection;
use crate::bench::{Database, account};
use crate::process::{self, Failure, note, step};
use crate::{up, workspace};

/// Clients that ask at once.
const CLIENTS: usize = 8;
/// The size that the bars are about.
const PROMISED: usize = 100_000;
/// The project that is filled.
const PROJECT: &str = "speed";

/// How much is asked, of how much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) passages: usize,
    pub(super) queries: usize,
}

/// Builds the program that fills a project.
pub(super) fn build(profile: &str) -> Result<PathBuf, Failure> {
    step(format_args!("Building rag-fill ({profile})"));
    let arguments = ["build", "--locked", "--package", "commandcenter-testkit", "--bin", "rag-fill", "--profile", profile];
    process::run(&mut workspace::cargo(&arguments))?;
    Ok(workspace::target().join(up::folder_of(profile)).join("rag-fill"))
}

/// Fills, asks, reports.
pub(super) fn measure(
    home: &Home,
    (filler, corpora): (&Path, &[PathBuf]),
    (collections, load, database): (&[Collection], Load, Database),
) -> Result<Vec<Figure>, Failure> {
    step(format_args!("{} passages on {}", load.passages, database.name()));
    let server = home.place.start()?;
    let headers = account::enter(server.address, PROJECT)?;
    fill(home, (filler, corpora), (server.address, &headers), load.passages)?;
    let mut client = account::connect(server.address, &headers)?;
    let begun = Instant::now();
    ask(&mut client, "what was never asked before")?;
    let first = begun.elapsed();
    let questions = questions(collections, load.queries * 2);
    let (alone, together) = questions.split_at(load.queries);
    let mut times = one_by_one(&mut client, alone)?;
    let unseen = at_once(server.address, &headers, together)?;
    let again = at_once(server.address, &headers, together)?;
    let name = database.name();
    let of = |what: &str| format!("{what}, {} passages", load.passages);
    let mut figures = vec![
        Figure::new(of("first query after the start"), name, first.as_secs_f64() * 1000.0).unit("ms"),
        Figure::new(of("hybrid, unseen, p50"), name, percentile(&mut times, 50)).unit("ms").at_most(15.0),
        Figure::new(of("hybrid, unseen, p99"), name, percentile(&mut times, 99)).unit("ms").at_most(40.0),
        Figure::new(of("hybrid, unseen, 8 at once"), name, unseen).unit("/s").at_least(150.0),
        Figure::new(of("hybrid, seen, 8 at once"), name, again).unit("/s").at_least(600.0),
        Figure::new(of("memory"), name, server.memory()?).unit("MiB"),
    ];
    if load.passages < PROMISED {
        note(format_args!("fewer than {PROMISED} passages: the bars are for those"));
        figures.retain(Figure::holds);
    }
    Ok(figures)
}

/// Fills the project unless an earlier run did.
fn fill(
    home: &Home,
    (filler, corpora): (&Path, &[PathBuf]),
    (address, headers): (SocketAddr, &str),
    passages: usize,
) -> Result<(), Failure> {
    let statistics = account::connect(address, headers)?.get("/api/v1/knowledge/statistics")?;
    if statistics["total_chunks"].as_u64().is_some_and(|there| there >= passages as u64) {
        return Ok(());
    }
    let project = headers.lines().find_map(|line| line.strip_prefix("X-Project-ID: ")).unwrap_or_default();
    let file = home.place.folder.join("data/commandcenter.db");
    let url = home.place.database.clone().unwrap_or_else(|| format!("sqlite://{}", file.display()));
    let begun = Instant::now();
    process::run(Command::new(filler).arg(url).arg(project).arg(passages.to_string()).args(corpora))?;
    note(format_args!("filled in {:.0} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// Questions of people, each numbered so that no two are the same.
fn questions(collections: &[Collection], wanted: usize) -> Vec<String> {
    let texts = collections.iter().flat_map(|collection| &collection.queries).map(|query| query.text.as_str());
    texts
        .cycle()
        .take(wanted)
        .enumerate()
        .map(|(number, text)| format!("{} {number}", text.chars().take(500).collect::<String>()))
        .collect()
}

fn ask(client: &mut Client, question: &str) -> Result<Value, Failure> {
    let answer = client.post("/api/v1/knowledge/query", &json!({ "query": question, "limit": 10 }))?;
    if answer["degraded"] == true {
        return Err(Failure::new(format!("the query was not hybrid: {}", answer["degraded_reason"])));
    }
    Ok(answer)
}

fn one_by_one(client: &mut Client, questions: &[String]) -> Result<Vec<Duration>, Failure> {
    let timed = |question: &String| {
        let begun = Instant::now();
        ask(client, question).map(|_| begun.elapsed())
    };
    questions.iter().map(timed).collect()
}

/// Answers in a second when several clients share the questions.
fn at_once(address: SocketAddr, headers: &str, questions: &[String]) -> Result<f64, Failure> {
    let begun = Instant::now();
    let share = questions.len().div_ceil(CLIENTS).max(1);
    thread::scope(|scope| {
        let client = |part| scope.spawn(move || one_by_one(&mut account::connect(address, headers)?, part));
        let clients: Vec<_> = questions.chunks(share).map(client).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| Failure::new("a client died"))?.map(drop))
    })?;
    Ok(questions.len() as f64 / begun.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::rag::set::Query;

    #[test]
    fn no_two_questions_are_the_same() {
        let query = Query { id: "1".to_owned(), text: "why".to_owned() };
        let collection =
            Collection { name: "x".to_owned(), documents: Vec::new(), queries: vec![query], judgements: std::collections::HashMap::new() };
        assert_eq!(questions(&[collection], 2), ["why 0", "why 1"]);
        assert!(questions(&[], 2).is_empty());
    }
}
