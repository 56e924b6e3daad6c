//! Measures the job engine and prints its figures as one line of JSON; `cargo xtask bench jobs` runs it on both databases.
//!
//! `jobs-bench measure [--jobs N] [--finished N]`, `jobs-bench chaos [--jobs N] [--kills N]`, and `jobs-bench worker URL SLOTS SINK`, which
//! the other two start as processes of their own. `TEST_DB` and `TEST_DATABASE_URL` say where.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

mod chaos;
mod crew;
mod load;
mod measure;
mod sink;
mod worker;

use serde_json::json;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, usual: usize| {
        let at = arguments.iter().position(|one| one == name);
        at.and_then(|at| arguments.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    commandcenter_app::install_crypto();
    match arguments.first().map(String::as_str) {
        Some("worker") => worker::run(&arguments[1], arguments[2].parse().unwrap(), arguments.get(3).map(String::as_str)).await,
        Some("measure") => println!("{}", measure::run(number("--jobs", 20_000), number("--finished", 1_000_000)).await),
        Some("chaos") => println!("{}", chaos::run(number("--jobs", 2_000), number("--kills", 50)).await),
        _ => println!("{}", json!({ "usage": "jobs-bench measure | chaos" })),
    }
}
