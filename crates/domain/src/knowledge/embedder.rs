//! What the knowledge base needs to compare meanings: passages and questions turned into vectors.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;

use crate::shared::Fault;

/// Which model makes the vectors.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmbeddingModel {
    /// Its name; vectors of different names are not comparable.
    pub name: Cow<'static, str>,
    /// Numbers in a vector.
    pub dimension: usize,
}

impl EmbeddingModel {
    /// A model that the program knows.
    #[must_use]
    pub const fn fixed(name: &'static str, dimension: usize) -> Self {
        Self { name: Cow::Borrowed(name), dimension }
    }
}

/// Whether vectors can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbedderState {
    /// The model is being loaded.
    Loading,
    /// Ready.
    Ready,
    /// There is no model, for this reason.
    Unavailable(String),
}

/// Why no vector was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// There is no model, for this reason.
    #[error("{0}")]
    Unavailable(String),
    /// Too much waits already.
    #[error("too many texts wait for the embedding model")]
    Busy,
    /// The model failed on this input.
    #[error("the embedding model failed: {0}")]
    Failed(String),
    /// The provider of the model, or the way to it, gave no vectors.
    #[error("{detail}")]
    Provider {
        /// The class of what went wrong.
        fault: Fault,
        /// The slug of its problem.
        slug: &'static str,
        /// For a person; never holds a key.
        detail: String,
        /// Seconds after which it is worth trying again.
        retry_after: Option<u64>,
    },
}

/// Turns text into vectors of length 1, whose dot product is the likeness of their meaning.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model.
    fn model(&self) -> EmbeddingModel;
    /// Whether it can be used now.
    fn state(&self) -> EmbedderState;
    /// Waits until it is known whether there is a model.
    async fn settled(&self) -> EmbedderState;
    /// The vector of a question. Goes before passages that wait.
    async fn embed_query(&self, text: &str) -> Result<Arc<[f32]>, EmbedError>;
    /// The vectors of passages, in their order.
    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError>;
}
