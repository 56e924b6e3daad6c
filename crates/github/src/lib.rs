//! GitHub as the host of tracked repositories: the domain's [`RepositoryHost`](commandcenter_domain::repository::RepositoryHost) on
//! octocrab.
//!
//! One client per base URL, the token per call. octocrab carries requests and follows redirects within the host (a token never leaves
//! it); what its own retries and caches leave to wish is done here: backoff with jitter only where another attempt can help, rate
//! limits remembered per token, bodies read against a limit.

mod answer;
mod client;
mod health;
mod host;
mod limits;
mod wire;

pub use client::{GithubError, GithubHost, GithubOptions};
