//! Test-only: real databases, a clock that is set, and the application under test. What fails here fails the test that asked.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a fixture that cannot be built is a failed test"
)]

mod app;
mod client;
mod clock;
mod database;
mod embeddings;
mod events;
mod gate;
mod model_mock;
pub mod recorded;
mod redis;
mod site;
mod template;

pub use app::{PASSWORD, Project, Settings, TestApp, User, parser};
pub use client::{Client, Reply};
pub use clock::TestClock;
pub use database::{Backend, TestDb};
pub use embeddings::EmbeddingServer;
pub use events::{Block, EventReader};
pub use gate::Gate;
pub use model_mock::{DIALECTS, ModelMock, foreign_clients};
pub use redis::redis_url;
pub use site::{SitePage, TestSite};
