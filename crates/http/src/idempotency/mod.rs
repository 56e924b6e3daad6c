//! `Idempotency-Key`: of all requests with one key, one is carried out, and the others get its answer.
//!
//! The middleware [`honour`] lays a claim on the request; the gate of the operation stakes it once the caller is judged, so that a stranger
//! never reaches storage and the body is not looked at before. On the way out the middleware keeps the answer or gives the first one again.

mod claim;
mod creation;
mod fingerprint;
mod honour;
mod reply;
mod tee;

pub(crate) use claim::Claim;
pub(crate) use creation::{Creations, creates};
pub(crate) use honour::honour;
