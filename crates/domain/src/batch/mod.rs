//! Batches: work on many things at once, done by jobs that are the children of one.

mod error;
mod model;
mod ports;

pub use error::BatchError;
pub use model::{BatchCount, BatchStatistics, Tally};
pub use ports::BatchRepo;
