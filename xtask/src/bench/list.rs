//! A page of technologies out of ten thousand, under load from the same cores.

use std::net::SocketAddr;
use std::process::Command;
use std::thread;

use serde_json::json;

use crate::bench::figure::Figure;
use crate::bench::server::Place;
use crate::bench::{Options, account};
use crate::process::{Failure, capture, note};
use crate::tools;

const CONNECTIONS: &str = "32";
/// Connections that fill the list.
const WRITERS: usize = 4;
const DOMAINS: [&str; 5] = ["audio-dsp", "ai-ml", "music-theory", "performance", "infrastructure"];

/// Fills the list through the API, then asks for its first page as fast as it can.
pub(super) fn measure(place: &Place, options: &Options, database: &'static str) -> Result<Vec<Figure>, Failure> {
    // `wrk -v` prints its version and exits with 1.
    if Command::new("wrk").arg("-v").output().is_err() && !tools::has("wrk") {
        return Err(Failure::new("`wrk` makes the load: `apt-get install wrk` on Debian"));
    }
    let server = place.start()?;
    let headers = account::open(server.address)?;
    note(format_args!("writing {} technologies", options.rows));
    fill(server.address, &headers, options.rows)?;
    let url = format!("http://{}/api/v1/technologies?page=1&limit=20", server.address);
    load(&url, &headers, 3)?;
    let report = load(&url, &headers, options.seconds)?;
    if report.contains("Non-2xx") {
        return Err(Failure::new(format!("the list did not always answer 200:\n{report}")));
    }
    let rate = number(&report, "Requests/sec:").ok_or_else(|| Failure::new(format!("wrk said:\n{report}")))?;
    let p99 = number(&report, "99%").ok_or_else(|| Failure::new(format!("wrk said:\n{report}")))?;
    // The promise is about PostgreSQL; SQLite is measured beside it.
    let promised = options.rows >= 10_000 && place.database.is_some();
    let rate = Figure::new("list of technologies, 32 connections", database, rate).unit("req/s");
    let p99 = Figure::new("list of technologies, p99", database, p99).unit("ms");
    Ok(if promised { vec![rate.at_least(3000.0), p99.at_most(30.0)] } else { vec![rate, p99] })
}

fn fill(address: SocketAddr, headers: &str, rows: usize) -> Result<(), Failure> {
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || fill_part(address, headers, (writer, rows)))).collect();
        writers.into_iter().try_for_each(|writer| writer.join().map_err(|_| Failure::new("a writer of rows died"))?)
    })
}

fn fill_part(address: SocketAddr, headers: &str, (writer, rows): (usize, usize)) -> Result<(), Failure> {
    let mut client = account::connect(address, headers)?;
    for row in (writer..rows).step_by(WRITERS) {
        let body = json!({
            "title": format!("Technology {row:05}"),
            "vendor": format!("Vendor {}", row % 97),
            "domain": DOMAINS.get(row % DOMAINS.len()),
            "priority": row % 5 + 1,
            "description": format!("What number {row} is for, in a sentence or two that a person could have written."),
        });
        client.post("/api/v1/technologies", &body)?;
    }
    Ok(())
}

fn load(url: &str, headers: &str, seconds: u32) -> Result<String, Failure> {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c", CONNECTIONS, "--latency", "-d", &format!("{seconds}s")]);
    for header in headers.lines() {
        command.args(["-H", header]);
    }
    // The line it is described with in a failure holds a token, which ends with the bench.
    capture(command.arg(url))
}

/// The number behind a label of wrk's report, times in milliseconds.
fn number(report: &str, label: &str) -> Option<f64> {
    let rest = report.lines().find_map(|line| line.trim().strip_prefix(label))?.trim();
    let split = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (digits, unit) = rest.split_at(split);
    let value: f64 = digits.trim().parse().ok()?;
    match unit {
        "us" => Some(value / 1000.0),
        "ms" | "" => Some(value),
        "s" => Some(value * 1000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_wrk_is_read() {
        let report = "  Latency Distribution\n     50%    7.90ms\n     99%   1.05s\nRequests/sec:   3921.55\n";
        for (label, wanted) in [("50%", Some(7.9)), ("99%", Some(1050.0)), ("Requests/sec:", Some(3921.55)), ("75%", None)] {
            assert_eq!(number(report, label), wanted, "{label}");
        }
        assert_eq!(number("99%  950.00us", "99%"), Some(0.95));
    }
}
