//! The gateway's settings, its budgets, and its ledger for reading.

mod answer;
mod budget;
mod limit;
mod provider;
mod role;
mod usage;

pub(crate) use budget::oldest;
