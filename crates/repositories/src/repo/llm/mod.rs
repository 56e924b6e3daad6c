//! The gateway's settings, its budgets, and its ledger for reading.

mod budget;
mod provider;
mod role;
mod usage;
