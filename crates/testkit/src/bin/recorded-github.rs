//! The recorded host as a process of its own: `recorded-github --bind 127.0.0.1:4000 [--delay-ms 300]`.
//!
//! `POST /_recorded/advance` shows the next commits, `POST /_recorded/fail` takes a fault as JSON (`"broken"`, `{"rate_limited": 60}`),
//! `POST /_recorded/recover` ends it.

use std::net::TcpListener;
use std::time::Duration;

use commandcenter_testkit::recorded::{RecordedGitHub, empty, handbook, hello_world, huge};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().position(|one| one == name).and_then(|at| arguments.get(at + 1));
    let bind = value("--bind").ok_or("usage: recorded-github --bind <address> [--delay-ms <milliseconds>]")?;
    let delay: u64 = value("--delay-ms").map_or(Ok(0), |text| text.parse())?;
    let host = RecordedGitHub::listen(TcpListener::bind(bind)?, vec![hello_world(), handbook(), empty(), huge()]).await;
    host.delay(Duration::from_millis(delay));
    println!("listening on {}", host.url());
    std::future::pending::<()>().await;
    Ok(())
}
