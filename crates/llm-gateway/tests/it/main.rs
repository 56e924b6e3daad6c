//! The gateway against servers that answer, and servers that fail in every way there is, for all three dialects. Each test looks at what the
//! caller gets and at what the ledger has.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod answers;
mod embeddings;
mod faults;
mod ledger;
mod limits;
mod retries;
mod server;
mod setup;
mod shared_circuits;
mod speech;
mod tools;
