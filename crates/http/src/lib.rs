//! The REST face: it translates HTTP to calls of services and their answers back, and decides nothing itself.

pub mod compat;
mod context;
mod extract;
mod idempotency;
mod middleware;
mod openapi;
mod presence;
mod problem;
mod routes;
mod server;
mod sse;
mod state;
mod throttle;
mod view;

pub use context::{RequestWaits, serves_a_request};
pub use openapi::document as openapi;
pub use problem::Problem;
pub use server::{HttpOptions, serve};
pub use state::{AppState, Asset, Assets, MetricsText};
pub use throttle::Throttle;
