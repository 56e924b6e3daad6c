//! The adapter against recorded traffic and against a host that fails in every way.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod errors;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::repository::{AccessToken, HostTarget};
use commandcenter_github::{GithubHost, GithubOptions};
use commandcenter_testkit::TestClock;

/// A client that does not wait long.
fn host(url: &str) -> GithubHost {
    with(url, |options| options)
}

fn with(url: &str, change: impl FnOnce(GithubOptions) -> GithubOptions) -> GithubHost {
    let quick = GithubOptions { timeout: Duration::from_secs(5), backoff: Duration::from_millis(5), ..GithubOptions::new(url) };
    GithubHost::new(change(quick), Arc::new(TestClock::new())).unwrap()
}

fn target(owner: &str, name: &str) -> HostTarget {
    HostTarget { owner: owner.to_owned(), name: name.to_owned(), token: None }
}

fn with_token(target: HostTarget, token: &str) -> HostTarget {
    HostTarget { token: Some(AccessToken::trusted(token.to_owned())), ..target }
}
