//! Attempts that may be repeated: what a client's `Idempotency-Key` stands for, and the first answer to it.

mod error;
mod model;
mod ports;

pub use error::IdempotencyError;
pub use model::{Answer, AttemptName, IdempotencyKey, Record, Reservation};
pub use ports::{AttemptRow, IdempotencyRepo, NewAttempt};
