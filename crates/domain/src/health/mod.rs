//! Health: how each part of the system says how it is.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::text_enum;

text_enum! {
    /// How a part is.
    HealthStatus {
        /// Works.
        Healthy = "healthy",
        /// Works with less, e.g. search without its model.
        Degraded = "degraded",
        /// Does not work, and the system cannot do without it.
        Unhealthy = "unhealthy",
        /// Not set up on this instance.
        NotConfigured = "not_configured",
    }
}

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// How it is.
    pub status: HealthStatus,
    /// Why, and what to do about it, for people.
    pub message: Option<String>,
    /// Figures worth seeing. Never a secret.
    pub details: Map<String, Value>,
}

impl Component {
    /// A part with a status and no more to say.
    #[must_use]
    pub fn new(status: HealthStatus) -> Self {
        Self { status, message: None, details: Map::new() }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds a figure.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// A part that can be asked how it is. Answers within two seconds or counts as unhealthy.
#[async_trait]
pub trait HealthProbe: Send + Sync {
    /// The part's name in the answer, e.g. `database`.
    fn name(&self) -> &'static str;
    /// How it is now.
    async fn check(&self) -> Component;
}
