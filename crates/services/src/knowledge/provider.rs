//! The embedder of a project whose vectors a provider makes.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    EmbedError, EmbeddedTexts, Embedder, EmbedderState, EmbeddingModel, ProviderEmbeddings, ProviderModel,
};
use commandcenter_domain::shared::Fault;

use super::vectors::QuestionVectors;

/// Texts in one request: providers take 100 and more, and a request that fails is repeated whole.
const BATCH: usize = 64;

/// Embeds for one project with a model of a provider.
pub(super) struct ProviderEmbedder {
    pub(super) embeddings: Arc<dyn ProviderEmbeddings>,
    pub(super) remembered: Arc<QuestionVectors>,
    pub(super) scope: ProjectScope,
    pub(super) asked: ProviderModel,
    /// What the vectors are stored under.
    pub(super) model: EmbeddingModel,
}

impl ProviderEmbedder {
    async fn vectors(&self, texts: EmbeddedTexts) -> Result<Vec<Vec<f32>>, EmbedError> {
        let vectors = self.embeddings.embed(&self.scope, &self.asked, texts).await?;
        vectors.into_iter().map(|vector| self.unit(vector)).collect()
    }

    /// Scaled to length 1. A model that answers with vectors of another length is not the one that was chosen.
    fn unit(&self, mut vector: Vec<f32>) -> Result<Vec<f32>, EmbedError> {
        if vector.len() != self.model.dimension {
            let (came, wanted) = (vector.len(), self.model.dimension);
            let detail = format!(
                "`{}` gave vectors of {came} numbers, and the knowledge base holds vectors of {wanted}: choose the model anew under /api/v1/knowledge/settings",
                self.asked
            );
            return Err(EmbedError::Provider { fault: Fault::Upstream, slug: "embedding-dimension-changed", detail, retry_after: None });
        }
        let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        if length <= 0.0 || !length.is_finite() {
            let detail = format!("`{}` gave a vector without a length", self.asked);
            return Err(EmbedError::Provider { fault: Fault::Upstream, slug: "provider-failed", detail, retry_after: None });
        }
        for value in &mut vector {
            *value = (f64::from(*value) / length) as f32;
        }
        Ok(vector)
    }
}

#[async_trait]
impl Embedder for ProviderEmbedder {
    fn model(&self) -> EmbeddingModel {
        self.model.clone()
    }

    /// Whether the provider answers is known when it is asked.
    fn state(&self) -> EmbedderState {
        EmbedderState::Ready
    }

    async fn settled(&self) -> EmbedderState {
        EmbedderState::Ready
    }

    async fn embed_query(&self, text: &str) -> Result<Arc<[f32]>, EmbedError> {
        if let Some(vector) = self.remembered.get(&self.scope, &self.model, text).await {
            return Ok(vector);
        }
        let vector = self.vectors(EmbeddedTexts::Question(text.to_owned())).await?.pop();
        let vector: Arc<[f32]> = vector.ok_or_else(|| EmbedError::Failed("no vector came back".to_owned()))?.into();
        self.remembered.put(&self.scope, &self.model, text, &vector);
        Ok(vector)
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for part in texts.chunks(BATCH) {
            vectors.extend(self.vectors(EmbeddedTexts::Passages(part.to_vec())).await?);
        }
        Ok(vectors)
    }
}
