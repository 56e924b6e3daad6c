//! Jobs with effects outside, workers killed at random, the database away now and then: nothing lost, nothing twice.

use std::time::{Duration, Instant};

use commandcenter_domain::job::JobStatus;
use commandcenter_testkit::{Backend, Gate};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::crew::Crew;
use crate::load::{count, database, fill, one};
use crate::sink::Sink;

/// Longest time for everything.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) async fn run(jobs: usize, kills: usize) -> Value {
    let db = database().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let sink = Sink::at(&path);
    // The workers reach the server through a gate that is shut now and then: to them it restarts.
    let mut gate = None;
    let mut url = db.url.clone();
    if Backend::of_environment() == Backend::Postgres {
        let (opened, through) = Gate::before_database(&db.url).await;
        (gate, url) = (Some(opened), through);
    }
    fill(&db, jobs).await;
    let mut crew = Crew::of(3, &url, 4, path.to_str());
    let begun = Instant::now();
    for kill in 0..kills {
        // Spread over the run without a clock of chance: primes never fall into step with the work.
        sleep(Duration::from_millis(20 + (kill as u64 * 7919) % 130)).await;
        crew.replace(kill * 31);
        if let Some(gate) = gate.as_mut().filter(|_| kill == kills / 3 || kill == 2 * kills / 3) {
            gate.shut().await;
            sleep(Duration::from_millis(700)).await;
            gate.open().await;
        }
    }
    let wanted = i64::try_from(jobs).unwrap();
    while count(&db, JobStatus::Completed).await < wanted && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(100)).await;
    }
    let orders = sink.orders();
    json!({
        "jobs": jobs,
        "kills": kills,
        "completed": count(&db, JobStatus::Completed).await,
        "attempts": one(&db, "SELECT COUNT(*) FROM job_attempts").await,
        "leases_lost": one(&db, "SELECT COUNT(*) FROM job_attempts WHERE outcome = 'lease_lost'").await,
        "effects": orders.len(),
        "effects_twice": orders.values().filter(|times| **times != 1).count(),
        "seconds": begun.elapsed().as_secs_f64(),
    })
}
