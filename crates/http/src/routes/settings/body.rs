//! What clients send of settings.

use commandcenter_domain::Patch;
use commandcenter_domain::llm::{ModelInput, ProviderInput, RoleModels};
use commandcenter_domain::shared::Invalid;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::double_option;

/// A model of a provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "gpt-4o-mini", "input_nano_per_million": 150_000_000, "output_nano_per_million": 600_000_000, "context_window": 128_000}))]
pub(super) struct ModelBody {
    /// Its name at the provider, 1 to 200 characters.
    name: String,
    /// What a million tokens sent cost, in nano-dollars; nothing if left out.
    #[schema(minimum = 0)]
    input_nano_per_million: Option<i64>,
    /// What a million tokens cost that the provider had in its cache; as fresh ones if left out.
    #[schema(minimum = 0)]
    cached_nano_per_million: Option<i64>,
    /// What a million tokens answered cost; nothing if left out.
    #[schema(minimum = 0)]
    output_nano_per_million: Option<i64>,
    /// Tokens that it can hold, question and answer together; 128,000 if left out.
    #[schema(minimum = 1)]
    context_window: Option<i64>,
    /// The most tokens of one answer, and what a call that names no bound reserves; 4,096 if left out.
    #[schema(minimum = 1)]
    max_output_tokens: Option<i64>,
    /// `tools`, `json_schema`, `vision`, `embeddings`.
    #[serde(default)]
    capabilities: Vec<String>,
}

impl From<ModelBody> for ModelInput {
    fn from(body: ModelBody) -> Self {
        let ModelBody { name, input_nano_per_million, cached_nano_per_million, output_nano_per_million, .. } = body;
        let ModelBody { context_window, max_output_tokens, capabilities, .. } = body;
        Self {
            name,
            input_nano_per_million,
            cached_nano_per_million,
            output_nano_per_million,
            context_window,
            max_output_tokens,
            capabilities,
        }
    }
}

/// A provider to set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"alias": "local", "dialect": "openai", "base_url": "http://127.0.0.1:11434/v1",
    "models": [{"name": "llama3.2", "input_nano_per_million": 0, "output_nano_per_million": 0, "context_window": 131_072}]}))]
pub(super) struct CreateProvider {
    /// What it is called: 1 to 64 letters, digits, `.`, `_` and `-`, once for its owner.
    alias: String,
    /// `openai` (and whatever speaks like it), `anthropic` or `gemini`.
    dialect: String,
    /// Its address up to and without the dialect's own path; the vendor's if left out. Private addresses need `net.allow_private`.
    base_url: Option<String>,
    /// Its key, if it wants one. It is stored sealed and never shown.
    #[schema(write_only)]
    api_key: Option<String>,
    /// Its models; the first is the one that is tried.
    #[serde(default)]
    models: Vec<ModelBody>,
    /// Whether it is called; true if left out.
    enabled: Option<bool>,
}

impl From<CreateProvider> for ProviderInput {
    fn from(body: CreateProvider) -> Self {
        let set = |text: Option<String>| text.map_or(Patch::Keep, Patch::Set);
        Self {
            alias: Patch::Set(body.alias),
            dialect: Patch::Set(body.dialect),
            base_url: set(body.base_url),
            api_key: set(body.api_key),
            models: Patch::Set(body.models.into_iter().map(ModelInput::from).collect()),
            enabled: body.enabled.map_or(Patch::Keep, Patch::Set),
        }
    }
}

/// What of a provider changes. A field left out stays; null removes the key, or puts the default back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": false}))]
pub(super) struct UpdateProvider {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    alias: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    dialect: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    base_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, write_only)]
    api_key: Option<Option<String>>,
    /// Every model, as a whole.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Vec<ModelBody>>)]
    models: Option<Option<Vec<ModelBody>>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<bool>)]
    enabled: Option<Option<bool>>,
}

impl From<UpdateProvider> for ProviderInput {
    fn from(body: UpdateProvider) -> Self {
        let models = body.models.map(|models| models.map(|models| models.into_iter().map(ModelInput::from).collect()));
        Self {
            alias: Patch::from_double(body.alias),
            dialect: Patch::from_double(body.dialect),
            base_url: Patch::from_double(body.base_url),
            api_key: Patch::from_double(body.api_key),
            models: Patch::from_double(models),
            enabled: Patch::from_double(body.enabled),
        }
    }
}

/// Which model of a provider is tried.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"model": "llama3.2"}))]
pub(super) struct TestProvider {
    /// Its first one if left out.
    pub(super) model: Option<String>,
}

/// A model that steps in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "openai", "model_id": "gpt-4o-mini"}))]
pub(super) struct FallbackBody {
    /// The provider's alias.
    provider: String,
    /// The model's name there.
    model_id: String,
}

/// Which model fills a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "local", "model_id": "llama3.2", "fallbacks": [{"provider": "openai", "model_id": "gpt-4o-mini"}]}))]
pub(super) struct PutAgent {
    /// The provider's alias.
    provider: String,
    /// The model's name there.
    model_id: String,
    /// What steps in for it, in order; at most ten.
    #[serde(default)]
    fallbacks: Vec<FallbackBody>,
}

impl PutAgent {
    /// Checks the names.
    pub(super) fn checked(self) -> Result<RoleModels, Invalid> {
        let fallbacks: Vec<_> = self.fallbacks.into_iter().map(|one| (one.provider, one.model_id)).collect();
        RoleModels::parse((&self.provider, &self.model_id), &fallbacks)
    }
}
