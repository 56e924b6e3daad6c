//! A hard budget of one dollar, and more calls than it bears, over every process at once.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::Database;
use crate::bench::figure::Figure;
use crate::bench::gateway::crew::ModelServer;
use crate::bench::gateway::load::{self, Taken};
use crate::bench::gateway::setup::{COST, Gateway};
use crate::process::{Failure, note};

/// One dollar.
const LIMIT: i64 = 1_000_000_000;
/// Calls that are under way at once, over all processes.
const CONCURRENT: usize = 128;
/// How long the last calls may take to be settled.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the budget stood when all calls had ended.
pub(super) struct Spent {
    processes: usize,
    answered: usize,
    refused: usize,
    /// Neither answered nor refused by the budget.
    failed: usize,
    /// By the budget's own count.
    counted: i64,
    reserved: i64,
    /// By the rows of the ledger.
    billed: i64,
    /// By the answers that the model's server gave.
    served: i64,
}

/// Makes the calls and reads what they cost from all who know.
pub(super) fn measure(gateway: &Gateway, upstream: &ModelServer, doors: &[SocketAddr], calls: usize) -> Result<Spent, Failure> {
    note(format_args!("{calls} calls over {} processes against a budget of 1.00 $", doors.len()));
    let (billed, served) = (gateway.billed()?, upstream.served()?);
    let budget = gateway.budget(LIMIT)?;
    let at = (calls / doors.len(), CONCURRENT / doors.len());
    let taken = thread::scope(|scope| {
        let all: Vec<_> = doors.iter().map(|door| scope.spawn(move || load::burst(&gateway.target_at(*door), at))).collect();
        let mut taken = Taken::default();
        for one in all {
            taken.add(one.join().map_err(|_| Failure::new("the calls died"))??.0);
        }
        Ok::<_, Failure>(taken)
    })?;
    let (refused, failed): (Vec<_>, Vec<_>) =
        taken.failed.iter().partition(|said| said.starts_with("429") && said.contains("budget-exhausted"));
    for said in failed.iter().take(3) {
        note(format_args!("failed: {said}"));
    }
    let shown = settled(gateway, &budget)?;
    let number = |field: &str| shown[field].as_i64().ok_or_else(|| Failure::new(format!("the budget has no {field}: {shown}")));
    Ok(Spent {
        processes: doors.len(),
        answered: taken.times.len(),
        refused: refused.len(),
        failed: failed.len(),
        counted: number("spent_nano")?,
        reserved: number("reserved_nano")?,
        billed: gateway.billed()? - billed,
        served: i64::try_from(upstream.served()? - served).unwrap_or(i64::MAX).saturating_mul(COST),
    })
}

/// The budget when nothing is under way any more; as it stands after a while, if something stays.
fn settled(gateway: &Gateway, budget: &str) -> Result<Value, Failure> {
    let (mut client, begun) = (gateway.client()?, Instant::now());
    loop {
        let shown = client.get(budget)?;
        if shown["reserved_nano"] == 0 || begun.elapsed() > PATIENCE {
            return Ok(shown);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

impl Spent {
    /// For the table, in dollars.
    pub(super) fn figures(&self, database: Database) -> Vec<Figure> {
        let figure = |name: &str, value: f64| {
            Figure::new(format!("budget of 1 $ over {} process(es), {name}", self.processes), database.name(), value)
        };
        let dollars = |nano: i64| nano as f64 / LIMIT as f64;
        let spent = |name: &str, nano: i64| figure(name, dollars(nano)).unit("$").digits(5);
        vec![
            spent("spent by the ledger", self.billed).at_most(1.0),
            spent("not used", LIMIT - self.billed).at_most(0.01),
            spent("ledger against budget", (self.billed - self.counted).abs()).at_most(0.0),
            spent("ledger against the model's own count", (self.billed - self.served).abs()).at_most(0.0),
            spent("still reserved", self.reserved).at_most(0.0),
            figure("calls answered", self.answered as f64).digits(0),
            figure("calls refused", self.refused as f64).digits(0).at_least(1.0),
            figure("calls failed otherwise", self.failed as f64).digits(0).at_most(0.0),
        ]
    }
}
