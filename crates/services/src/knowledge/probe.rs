//! How the embedding model is.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::health::{Component, HealthProbe, HealthStatus};
use commandcenter_domain::knowledge::{Embedder, EmbedderState};

/// Asks the embedder.
pub struct ModelProbe {
    embedder: Arc<dyn Embedder>,
}

impl ModelProbe {
    /// A probe of an embedder.
    #[must_use]
    pub const fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder }
    }
}

#[async_trait]
impl HealthProbe for ModelProbe {
    fn name(&self) -> &'static str {
        "model"
    }

    async fn check(&self) -> Component {
        let model = self.embedder.model();
        let component = match self.embedder.state() {
            EmbedderState::Ready => Component::new(HealthStatus::Healthy),
            EmbedderState::Loading => Component::new(HealthStatus::Degraded).because("the model is being loaded"),
            EmbedderState::Unavailable(reason) => Component::new(HealthStatus::Degraded).because(reason),
        };
        component.with("name", model.name.as_ref()).with("dimension", model.dimension)
    }
}
