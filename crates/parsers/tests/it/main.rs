//! Files of every kind, made here, as their parsers see them.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod fixture;
mod office;
mod other;
mod pdf;
mod real;
