//! The story of the product against the real binaries: SQLite in one process; PostgreSQL with an API and two workers, one of them
//! killed on the way; and once through a browser.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

mod account;
mod browser;
mod clients;
mod death;
mod events;
mod outage;
mod processes;
mod reembedding;
mod shared_memory;
mod story;
mod workers;
