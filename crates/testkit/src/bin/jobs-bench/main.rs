//! Measures the job engine and prints its figures as one line of JSON; `cargo xtask bench jobs` runs it on both databases.
//!
//! `jobs-bench measure [--jobs N] [--finished N]`, `jobs-bench watchers [--watchers N] [--seconds N]`, `jobs-bench chaos [--jobs N]
//! [--kills N] [--programs FOLDER]`, and `jobs-bench worker`, `busy-worker` and `api`, which those start as processes of their own.
//! `TEST_DB` and `TEST_DATABASE_URL` say where.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

mod api;
mod busy;
mod chaos;
mod crew;
mod load;
mod measure;
mod server;
mod sink;
mod watchers;
mod worker;

use serde_json::json;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |name: &str| {
        let at = arguments.iter().position(|one| one == name);
        at.and_then(|at| arguments.get(at + 1)).map(String::as_str)
    };
    let number = |name: &str, usual: usize| text(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    commandcenter_app::install_crypto();
    match arguments.first().map(String::as_str) {
        Some("worker") => worker::run(&arguments[1], arguments[2].parse().unwrap(), arguments.get(3).map(String::as_str)).await,
        Some("busy-worker") => busy::run(&arguments[1]).await,
        Some("api") => api::run(&arguments[1], &arguments[2]).await,
        Some("measure") => println!("{}", measure::run(number("--jobs", 20_000), number("--finished", 1_000_000)).await),
        Some("watchers") => println!("{}", watchers::run(number("--watchers", 1_000), number("--seconds", 15) as u64).await),
        Some("chaos") => println!("{}", chaos::run(number("--jobs", 2_000), number("--kills", 50), text("--programs")).await),
        _ => println!("{}", json!({ "usage": "jobs-bench measure | watchers | chaos" })),
    }
}
