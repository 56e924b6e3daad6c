//! Jobs with effects outside, workers killed at random, the database restarted twice: nothing lost, nothing twice.

use std::time::{Duration, Instant};

use commandcenter_domain::job::JobStatus;
use commandcenter_testkit::{Backend, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::crew::Crew;
use crate::load::{database, fill};
use crate::server::Server;
use crate::sink::Sink;

/// Longest time for everything.
const PATIENCE: Duration = Duration::from_mins(5);
/// How the server is stopped each time: politely, and as if it had crashed.
const RESTARTS: [&str; 2] = ["fast", "immediate"];

pub(crate) async fn run(jobs: usize, kills: usize, programs: Option<&str>) -> Value {
    let server = match Backend::of_environment() {
        Backend::Postgres => Server::start(programs),
        // A file has no server: what can die there are the processes that write it, and those do.
        Backend::Sqlite => None,
    };
    let db = match &server {
        Some(server) => database_on(server).await,
        None => database().await,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let sink = Sink::at(&path);
    fill(&db, jobs).await;
    let mut crew = Crew::of(3, &db.url, 4, path.to_str());
    let begun = Instant::now();
    let mut restarts = Vec::new();
    for kill in 0..kills {
        // Spread over the run without a clock of chance: primes never fall into step with the work.
        sleep(Duration::from_millis(20 + (kill as u64 * 7919) % 130)).await;
        crew.replace(kill * 31);
        if let Some(server) = &server
            && let Some(mode) = RESTARTS.get(restarts.len()).filter(|_| kill >= kills * (restarts.len() + 1) / 3)
        {
            server.restart(mode);
            restarts.push(*mode);
        }
    }
    let wanted = i64::try_from(jobs).unwrap();
    while completed(&db).await < wanted && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(100)).await;
    }
    let orders = sink.orders();
    json!({
        "jobs": jobs,
        "kills": kills,
        "restarts": restarts.len(),
        "database": told(&restarts),
        "completed": completed(&db).await,
        "attempts": number(&db, "SELECT COUNT(*) FROM job_attempts").await,
        "leases_lost": number(&db, "SELECT COUNT(*) FROM job_attempts WHERE outcome = 'lease_lost'").await,
        "effects": orders.len(),
        "effects_twice": orders.values().filter(|times| **times != 1).count(),
        "seconds": begun.elapsed().as_secs_f64(),
    })
}

/// A migrated database with one project.
async fn database_on(server: &Server) -> TestDb {
    let db = TestDb::open_on_server(&server.url()).await;
    let sql = "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES (1, 'p', 'o', now(), now())";
    db.connection().execute_unprepared(sql).await.unwrap();
    db
}

/// What became of the database meanwhile, for people.
fn told(restarts: &[&str]) -> String {
    match (Backend::of_environment(), restarts) {
        (Backend::Sqlite, _) => "SQLite is a file: there is no server to restart, so only the workers die".to_owned(),
        (Backend::Postgres, []) => "not restarted: no PostgreSQL programs were found to start a server of our own".to_owned(),
        (Backend::Postgres, modes) => format!("restarted: {}", modes.join(", ")),
    }
}

async fn completed(db: &TestDb) -> i64 {
    number(db, &format!("SELECT COUNT(*) FROM jobs WHERE status = '{}'", JobStatus::Completed.as_str())).await
}

/// The number that a statement answers. Connections from before a restart break once.
async fn number(db: &TestDb, sql: &str) -> i64 {
    let begun = Instant::now();
    loop {
        let statement = Statement::from_string(db.connection().get_database_backend(), sql);
        match db.connection().query_one_raw(statement).await {
            Ok(row) => return row.unwrap().try_get_by_index(0).unwrap(),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}
