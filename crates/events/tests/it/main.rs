//! Signals between processes on real PostgreSQL and Redis servers, and the order of events and their relay on the database that `TEST_DB` names.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod bus;
mod order;
mod redis;
mod relay;
