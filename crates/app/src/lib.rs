//! Wiring: every adapter and service is built here, once, from the configuration, and handed to the API, the worker and the CLI.

mod assets;
mod background;
mod build;
mod crypto;
mod gauges;
mod memory;
mod metrics;
mod models;
mod ports;
pub mod schema;
mod serve;
mod signal;
mod start;

pub use build::{App, Count, Ran, open};
pub use commandcenter_http::openapi;
pub use commandcenter_parsers::serve_child;
pub use crypto::install_crypto;
pub use signal::shutdown_requested;
pub use start::StartError;
