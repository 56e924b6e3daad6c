//! What is read from the outside, against servers on loopback.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corpus;
mod fetch;
mod no_host;

use std::sync::Arc;
use std::time::Duration;

use commandcenter_ingestion::{FetchOptions, Reader, ReaderOptions};
use commandcenter_testkit::TestClock;

/// Loopback may be reached and nothing else that is private; waits are short.
fn options() -> FetchOptions {
    rustls::crypto::ring::default_provider().install_default().ok();
    let allow = Arc::new(|address: std::net::IpAddr| address.is_loopback());
    FetchOptions {
        backoff: Duration::from_millis(1),
        timeout: Duration::from_millis(900),
        ..FetchOptions::new("CommandCenter/test", allow, Arc::new(TestClock::new()))
    }
}

fn reader() -> Reader {
    Reader::new(ReaderOptions {
        fetch: options(),
        roots: Vec::new(),
        hacker_news: "http://127.0.0.1:9/".to_owned(),
        repositories: Arc::new(no_host::NoHost),
    })
    .unwrap()
}
