//! Which model makes the vectors of a project's passages, and how it gives way to another: vectors of the next are made beside those that
//! serve, and take their place at once when none is missing.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::identity::ProjectScope;
use crate::shared::{Checker, ChunkId, Invalid, JobId, Limits, StoreError, Timestamp};

use super::{Chunk, EmbedError, EmbeddingModel};

/// A model of a provider that makes vectors. **Invariant:** names of 1 to 200 characters, the provider's without a slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProviderModel {
    /// The provider's name among the project's or the instance's.
    pub provider: String,
    /// The model's name there.
    pub model: String,
    /// The length of vector that is asked for, of models that offer several.
    pub dimensions: Option<u32>,
}

impl ProviderModel {
    /// Most numbers that a vector may have.
    pub const MOST_DIMENSIONS: usize = 8_192;

    /// Checks what a client gave.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(provider: &str, model: &str, dimensions: Option<i64>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let provider = check.line("provider", provider, Limits { min: 1, max: 200 });
        if provider.contains('/') {
            check.note("provider", "not_a_name", "must be the name of a provider");
        }
        let model = check.line("model", model, Limits { min: 1, max: 200 });
        let most = i64::try_from(Self::MOST_DIMENSIONS).unwrap_or(i64::MAX);
        let dimensions = dimensions.map(|asked| check.number("dimensions", asked, (1, most)));
        check.finish(Self { provider, model, dimensions: dimensions.and_then(|asked| u32::try_from(asked).ok()) })
    }
}

impl std::fmt::Display for ProviderModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)?;
        self.dimensions.map_or(Ok(()), |dimensions| write!(f, "@{dimensions}"))
    }
}

/// Who makes vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum EmbedderChoice {
    /// The model of this installation.
    #[default]
    Local,
    /// A model of a provider, through the gateway.
    Provider {
        /// The model.
        #[serde(flatten)]
        model: ProviderModel,
        /// Numbers in the vectors that it gave when it was chosen.
        dimension: usize,
    },
}

impl EmbedderChoice {
    /// What the vectors are stored under. `local` is this installation's own.
    #[must_use]
    pub fn model(&self, local: &EmbeddingModel) -> EmbeddingModel {
        match self {
            Self::Local => local.clone(),
            Self::Provider { model, dimension } => EmbeddingModel { name: model.to_string().into(), dimension: *dimension },
        }
    }
}

/// A change of the model that is under way, or was given up by its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChange {
    /// What is to come.
    pub to: EmbedderChoice,
    /// The job that makes its vectors.
    pub job: JobId,
}

/// Which model answers in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbeddingSettings {
    /// The model whose vectors are compared.
    pub serving: EmbedderChoice,
    /// The model that is to come.
    pub next: Option<ModelChange>,
    /// Grows with every change; 0 for a project that never made a choice.
    pub version: i64,
    /// When they last changed.
    pub updated_at: Option<Timestamp>,
}

/// A passage without a vector of a model, with what the text to embed is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The passage.
    pub chunk: Chunk,
    /// Its document's title; empty when that is a mere name of a file.
    pub title: String,
}

/// How far the vectors of a model reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Passages of the project.
    pub passages: u64,
    /// Those without a vector of the model.
    pub lacking: u64,
}

/// The models of knowledge bases, and vectors beside those that serve.
#[async_trait]
pub trait EmbeddingRepo: Send + Sync {
    /// Which model answers; the default for a project that never made a choice.
    async fn settings(&self, scope: &ProjectScope) -> Result<EmbeddingSettings, StoreError>;
    /// Writes settings, one version on. Whether it did: not when theirs is no longer the stored version.
    async fn put(&self, scope: &ProjectScope, settings: &EmbeddingSettings, at: Timestamp) -> Result<bool, StoreError>;
    /// For use in a transaction: until its end nobody else changes passages of the project, and what was cached of it is old afterwards.
    async fn hold(&self, scope: &ProjectScope) -> Result<(), StoreError>;
    /// How far the vectors of a model reach.
    async fn coverage(&self, scope: &ProjectScope, model: &EmbeddingModel) -> Result<Coverage, StoreError>;
    /// Passages without a vector of a model behind a passage, in the order of their ids; at most `limit`.
    async fn lacking(
        &self,
        scope: &ProjectScope,
        model: &EmbeddingModel,
        (after, limit): (ChunkId, u64),
    ) -> Result<Vec<Lacking>, StoreError>;
    /// Adds vectors of a model that does not serve. [`StoreError::Reference`] when a passage is gone.
    async fn lay(&self, scope: &ProjectScope, model: &EmbeddingModel, vectors: &[(ChunkId, Vec<f32>)]) -> Result<(), StoreError>;
    /// Removes at most `limit` vectors of all models but these. Answers how many there were.
    async fn drop_others(&self, scope: &ProjectScope, keep: &[EmbeddingModel], limit: u64) -> Result<u64, StoreError>;
}

/// What vectors are wanted of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddedTexts {
    /// A question that somebody waits with.
    Question(String),
    /// Passages, which take the time that they take.
    Passages(Vec<String>),
}

/// Vectors by the models of providers, paid by the project.
#[async_trait]
pub trait ProviderEmbeddings: Send + Sync {
    /// The vectors of texts as the model gives them, in their order. What is longer than the model reads is cut.
    /// Somebody waits for the vector of a question: it comes within seconds or not at all.
    ///
    /// # Errors
    /// [`EmbedError::Provider`]: not configured, over budget, or the provider gave none.
    async fn embed(&self, scope: &ProjectScope, model: &ProviderModel, texts: EmbeddedTexts) -> Result<Vec<Vec<f32>>, EmbedError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_another_length_are_another_models() {
        let local = EmbeddingModel::fixed("local", 3);
        let choice = |dimensions, dimension| EmbedderChoice::Provider {
            model: ProviderModel { provider: "p".to_owned(), model: "m/x".to_owned(), dimensions },
            dimension,
        };
        assert_eq!(EmbedderChoice::Local.model(&local), local);
        assert_eq!(choice(None, 8).model(&local), EmbeddingModel::fixed("p/m/x", 8));
        assert_eq!(choice(Some(4), 4).model(&local).name, "p/m/x@4");
        for choice in [EmbedderChoice::Local, choice(None, 8), choice(Some(4), 4)] {
            let text = serde_json::to_string(&choice).unwrap();
            assert_eq!(serde_json::from_str::<EmbedderChoice>(&text).unwrap(), choice, "{text}");
        }
    }

    #[test]
    fn a_choice_names_a_provider_and_a_model() {
        assert_eq!(ProviderModel::parse(" p ", "m", Some(8)).unwrap().to_string(), "p/m@8");
        for (provider, model, dimensions) in
            [("", "m", None), ("p/q", "m", None), ("p", "", None), ("p", "m", Some(0)), ("p", "m", Some(9_000))]
        {
            assert!(ProviderModel::parse(provider, model, dimensions).is_err(), "{provider} {model} {dimensions:?}");
        }
    }
}
