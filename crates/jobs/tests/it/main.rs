//! The engine on a real database (the one that `TEST_DB` names), with handlers and a clock of the test's own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod bench;
mod death;
mod operating;
mod running;
mod schedules;
mod stopping;
