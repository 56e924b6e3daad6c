//! Time to the first healthy answer, on a new data folder and on an existing one, and memory at rest.

use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::bench::account;
use crate::bench::figure::{Figure, milliseconds, percentile};
use crate::bench::server::Place;
use crate::process::Failure;

/// After its start a process still tidies up.
const REST: Duration = Duration::from_secs(5);
const AGAIN: usize = 5;

/// Measures without the model first, then with it.
pub(super) fn measure(place: &mut Place, database: &'static str) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let model = place.model.take();
    let server = place.start()?;
    figures.push(Figure::new("start on a new data folder", database, milliseconds(server.started_in)).unit("ms").at_most(5000.0));
    thread::sleep(REST);
    figures.push(Figure::new("memory at rest without the model", database, server.memory()?).unit("MiB").at_most(80.0));
    let headers = account::open(server.address)?;
    drop(server);

    place.model = model;
    let mut starts = (0..AGAIN).map(|_| place.start().map(|server| server.started_in)).collect::<Result<Vec<_>, _>>()?;
    let slowest = percentile(&mut starts, 100);
    figures.push(Figure::new("start on an existing data folder", database, slowest).unit("ms").at_most(2000.0));
    if place.model.is_some() {
        let server = place.start()?;
        // A question makes sure that the model is loaded and was used.
        account::connect(server.address, &headers)?.post("/api/v1/knowledge/query", &json!({"query": "anything at all"}))?;
        thread::sleep(REST);
        figures.push(Figure::new("memory at rest with the model", database, server.memory()?).unit("MiB").at_most(250.0));
    }
    Ok(figures)
}
