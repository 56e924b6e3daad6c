//! Texts as vectors.

use super::Usage;

/// Texts to embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingRequest {
    /// The texts, at least one.
    pub texts: Vec<String>,
    /// Length of the vectors, for models that offer several.
    pub dimensions: Option<u32>,
}

/// Vectors in the order of the texts, all of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingAnswer {
    /// The model that answered.
    pub model: String,
    /// One vector for each text.
    pub vectors: Vec<Vec<f32>>,
    /// What it took.
    pub usage: Usage,
}
