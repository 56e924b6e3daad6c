//! What is shown of settings. Keys are not.

use chrono::{DateTime, Utc};
use commandcenter_domain::llm::{Capability, Dialect, ModelRef, Origin, Price, PricedModel, Provider, ProviderModel, RoleBinding};
use commandcenter_domain::shared::ProviderId;
use commandcenter_services::llm::Tested;
use serde::Serialize;
use utoipa::ToSchema;

/// A model with what it costs now, in nano-dollars per million tokens.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PricedModelView {
    name: String,
    input_nano_per_million: i64,
    /// What tokens cost that the provider had in its cache; as fresh ones where null.
    cached_nano_per_million: Option<i64>,
    output_nano_per_million: i64,
    context_window: u64,
    max_output_tokens: u64,
    #[schema(value_type = Vec<String>)]
    capabilities: Vec<Capability>,
}

impl From<PricedModel> for PricedModelView {
    fn from(PricedModel { model, price }: PricedModel) -> Self {
        let ProviderModel { name, context_window, max_output_tokens, capabilities } = model;
        let Price { input_nano_per_million, cached_nano_per_million, output_nano_per_million } = price;
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

/// A provider of language models.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProviderView {
    #[schema(value_type = i64)]
    pub(super) id: ProviderId,
    alias: String,
    /// `openai`, `anthropic` or `gemini`.
    #[schema(value_type = String, example = "openai")]
    dialect: Dialect,
    base_url: String,
    /// `instance` or `project`: whose it is.
    scope: &'static str,
    /// `settings`, or `environment` for one that the configuration of the process sets up.
    #[schema(value_type = String, example = "settings")]
    origin: Origin,
    has_api_key: bool,
    /// The end of a long key, to recognise it by.
    api_key_hint: Option<String>,
    enabled: bool,
    models: Vec<PricedModelView>,
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        let Provider { id, owner, alias, dialect, base_url, has_key, key_hint, origin, is_enabled, models, .. } = provider;
        let Provider { version, created_at, updated_at, .. } = provider;
        Self {
            id,
            alias,
            dialect,
            base_url: base_url.into(),
            scope: owner.as_str(),
            origin,
            has_api_key: has_key,
            api_key_hint: key_hint,
            enabled: is_enabled,
            models: models.into_iter().map(PricedModelView::from).collect(),
            version,
            created_at,
            updated_at,
        }
    }
}

/// A model of a provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelView {
    /// What it is called by: `<provider>/<name>`.
    id: String,
    /// Its provider's alias.
    provider: String,
    /// `instance` or `project`: whose the provider is.
    scope: &'static str,
    /// Whether its provider is called.
    enabled: bool,
    /// Whether its provider has a key.
    configured: bool,
    #[serde(flatten)]
    model: PricedModelView,
}

/// The models of a provider, for a list.
pub(super) fn models(provider: Provider) -> Vec<ModelView> {
    let Provider { alias, owner, is_enabled, has_key, models, .. } = provider;
    let view = |priced: PricedModel| ModelView {
        id: format!("{alias}/{}", priced.model.name),
        provider: alias.clone(),
        scope: owner.as_str(),
        enabled: is_enabled,
        configured: has_key,
        model: priced.into(),
    };
    models.into_iter().map(view).collect()
}

/// Whether a provider has a key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProviderKeyView {
    /// The provider's alias.
    provider: String,
    /// `instance` or `project`: whose the provider is.
    scope: &'static str,
    configured: bool,
    /// The end of a long key, to recognise it by.
    masked_value: Option<String>,
}

impl From<Provider> for ProviderKeyView {
    fn from(provider: Provider) -> Self {
        let Provider { alias, owner, has_key, key_hint, .. } = provider;
        Self { provider: alias, scope: owner.as_str(), configured: has_key, masked_value: key_hint }
    }
}

/// A provider that answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"ok": true, "model": "llama3.2", "cost_nano": 0, "latency_ms": 41}))]
pub(super) struct TestedView {
    /// Always true: what went wrong is a problem.
    ok: bool,
    /// The model that answered, by the provider's own word where it gives one.
    model: String,
    /// What it cost, in nano-dollars.
    cost_nano: i64,
    latency_ms: u64,
}

impl From<Tested> for TestedView {
    fn from(tested: Tested) -> Self {
        let Tested { model, cost, latency } = tested;
        Self { ok: true, model, cost_nano: cost.get(), latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// A model that steps in.
#[derive(Debug, Serialize, ToSchema)]
struct FallbackView {
    /// The provider's alias.
    provider: String,
    /// The model's name there.
    model_id: String,
}

impl From<&ModelRef> for FallbackView {
    fn from(model: &ModelRef) -> Self {
        let ModelRef { provider, model } = model.clone();
        Self { provider, model_id: model }
    }
}

/// A role and the models that fill it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgentView {
    role: String,
    /// `instance` or `project`: whose setting it is.
    scope: &'static str,
    /// The provider's alias.
    provider: String,
    /// The model's name there.
    model_id: String,
    /// What steps in for it, in order.
    fallbacks: Vec<FallbackView>,
    updated_at: DateTime<Utc>,
}

impl From<RoleBinding> for AgentView {
    fn from(binding: RoleBinding) -> Self {
        let RoleBinding { role, owner, models, updated_at } = binding;
        let mut all = models.as_slice().iter().map(FallbackView::from);
        // A role has at least one model.
        let (provider, model_id) = all.next().map_or_else(Default::default, |first| (first.provider, first.model_id));
        Self { role: role.as_str().to_owned(), scope: owner.as_str(), provider, model_id, fallbacks: all.collect(), updated_at }
    }
}
