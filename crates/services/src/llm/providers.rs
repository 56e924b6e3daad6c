//! Providers: set up, changed, tried and deleted. Keys go in and never come out.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::{CipherError, IdentityError};
use commandcenter_domain::llm::{
    Attribution, Call, Capability, Cause, ChatRequest, EmbeddingRequest, LlmError, ModelRef, NanoDollars, NewPrice, NewProvider, Origin,
    Owning, Patience, PricedModel, Provider, ProviderInput, ProviderKey, ProviderModel, ProviderUpdate, Sampling, Target,
};
use commandcenter_domain::shared::{ApiKeyId, Invalid, Precondition, ProviderId, Timestamp};
use commandcenter_domain::store::Repos;
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;

use super::catalogue::{self, Catalogue};
use super::shelf::Seen;
use super::{LlmPorts, Setting};

/// How long a trial waits.
const TRIAL: Duration = Duration::from_secs(30);

/// What a trial of a provider came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The model that answered, by the provider's own word where it gives one.
    pub model: String,
    /// What it cost.
    pub cost: NanoDollars,
    /// From the question to the answer.
    pub latency: Duration,
}

/// Use cases of providers.
pub struct ProviderService {
    pub(super) ports: LlmPorts,
}

impl std::fmt::Debug for ProviderService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderService")
    }
}

impl ProviderService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// Every provider that is seen from here: the project's own and the instance's.
    ///
    /// # Errors
    /// [`IdentityError::NotAdmin`] without a project for anybody but an administrator.
    pub async fn list(&self, setting: Setting<'_>) -> Result<Vec<Provider>, LlmError> {
        let owning = setting.readable()?;
        Ok(self.ports.store.repos().llm_providers().visible(owning, self.ports.clock.now()).await?)
    }

    /// One provider.
    ///
    /// # Errors
    /// [`LlmError::ProviderNotFound`].
    pub async fn get(&self, setting: Setting<'_>, id: ProviderId) -> Result<Provider, LlmError> {
        found(self.ports.store.repos(), setting.readable()?, (id, self.ports.clock.now())).await
    }

    /// Sets a provider up.
    ///
    /// # Errors
    /// Input that breaks a rule; a name that is taken; a role too low.
    #[tracing::instrument(skip_all)]
    pub async fn create(&self, setting: Setting<'_>, input: ProviderInput) -> Result<Provider, LlmError> {
        let owning = setting.writable()?;
        let (new, now) = (input.over(None)?, self.ports.clock.now());
        self.admit(&new)?;
        let update = self.update_of(owning, &new, now)?;
        let tx = self.ports.store.begin().await?;
        let id = tx.llm_providers().insert(owning, &update).await.map_err(|err| taken(err, &new))?;
        tx.llm_providers().add_prices(&prices(id, &new, (None, now))).await?;
        let provider = found(&*tx, owning, (id, now)).await?;
        record(&*tx, setting, &provider, ("llm_provider.created", "cc.llm.provider_created.v1", now)).await?;
        tx.commit().await?;
        self.ports.shelf.forget();
        Ok(provider)
    }

    /// Changes a provider. A model whose price changes gets a new row in the book of prices.
    ///
    /// # Errors
    /// As for [`ProviderService::create`]; [`LlmError::ProviderReadOnly`] for one of the configuration.
    #[tracing::instrument(skip_all, fields(provider.id = %id))]
    pub async fn update(
        &self,
        setting: Setting<'_>,
        id: ProviderId,
        input: ProviderInput,
        condition: &Precondition,
    ) -> Result<Provider, LlmError> {
        let owning = setting.writable()?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let before = changeable(&*tx, owning, (id, now)).await?;
        if before.origin == Origin::Environment && input.moves() {
            return Err(LlmError::ProviderReadOnly(before.alias));
        }
        if !condition.holds(before.version) {
            return Err(LlmError::Stale { current: before.version });
        }
        let new = input.over(Some(&before))?;
        self.admit(&new)?;
        let update = ProviderUpdate { origin: before.origin, ..self.update_of(owning, &new, now)? };
        let is_there = tx.llm_providers().update(owning, id, &update).await.map_err(|err| taken(err, &new))?;
        if !is_there {
            return Err(LlmError::ProviderNotFound(id));
        }
        tx.llm_providers().add_prices(&prices(id, &new, (Some(&before), now))).await?;
        let provider = found(&*tx, owning, (id, now)).await?;
        record(&*tx, setting, &provider, ("llm_provider.updated", "cc.llm.provider_updated.v1", now)).await?;
        tx.commit().await?;
        self.ports.shelf.forget();
        Ok(provider)
    }

    /// Deletes a provider with its prices. What it cost stays in the ledger.
    ///
    /// # Errors
    /// As for [`ProviderService::update`].
    #[tracing::instrument(skip_all, fields(provider.id = %id))]
    pub async fn delete(&self, setting: Setting<'_>, id: ProviderId) -> Result<(), LlmError> {
        let owning = setting.writable()?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let provider = changeable(&*tx, owning, (id, now)).await?;
        if provider.origin == Origin::Environment {
            return Err(LlmError::ProviderReadOnly(provider.alias));
        }
        tx.llm_providers().delete(owning, id).await?;
        record(&*tx, setting, &provider, ("llm_provider.deleted", "cc.llm.provider_deleted.v1", now)).await?;
        tx.commit().await?;
        self.ports.shelf.forget();
        Ok(())
    }

    /// Asks one of its models for one token, at the project's cost.
    ///
    /// # Errors
    /// What the call came to; without a project there is nobody who pays.
    #[tracing::instrument(skip_all, fields(provider.id = %id))]
    pub async fn test(
        &self,
        setting: Setting<'_>,
        id: ProviderId,
        (model, api_key): (Option<&str>, Option<ApiKeyId>),
    ) -> Result<Tested, LlmError> {
        let scope = setting.project()?;
        setting.writable()?;
        let started = self.ports.clock.now();
        let callable = self.ports.store.repos().llm_providers().callable(setting.owning(), started).await?;
        let callable = callable.into_iter().find(|found| found.provider.id == id).ok_or(LlmError::ProviderNotFound(id))?;
        let models = &callable.provider.models;
        let wanted = models.iter().find(|known| model.is_none_or(|name| known.model.name == name));
        let wanted = wanted.ok_or_else(|| LlmError::NothingToTest(callable.provider.alias.clone()))?;
        let target = catalogue::target(&callable, wanted, &*self.ports.cipher)?;
        let attribution =
            Attribution { project: scope.project(), user: scope.user(), api_key, cause: Cause::ConnectionTest, cause_id: None, role: None };
        let (model, cost) = self.try_out(attribution, target, &wanted.model).await?;
        let latency = (self.ports.clock.now() - started).to_std().unwrap_or_default();
        Ok(Tested { model, cost, latency })
    }

    async fn try_out(&self, attribution: Attribution, target: Target, model: &ProviderModel) -> Result<(String, NanoDollars), LlmError> {
        let patience = Patience { first_token: TRIAL, total: TRIAL, attempts: 1, ..Patience::default() };
        let call = Call { attribution, targets: vec![target], patience };
        if model.capabilities.contains(&Capability::Embeddings) {
            let request = EmbeddingRequest { texts: vec!["test".to_owned()], dimensions: None };
            let embedded = self.ports.gateway.embed(&call, &request).await?;
            return Ok((embedded.answer.model, embedded.cost));
        }
        let sampling = Sampling { max_tokens: Some(1), ..Sampling::default() };
        let request = ChatRequest { sampling, ..ChatRequest::ask("Answer with one word.", "Are you there?") };
        let answered = self.ports.gateway.chat(&call, &request).await?;
        Ok((answered.answer.model, answered.cost))
    }

    pub(super) fn admit(&self, new: &NewProvider) -> Result<(), Invalid> {
        self.ports.addresses.admit(&new.base_url).map_err(|why| Invalid::one("base_url", "not_allowed", why))
    }

    pub(super) fn update_of<'a>(&self, owning: Owning<'_>, new: &'a NewProvider, at: Timestamp) -> Result<ProviderUpdate<'a>, LlmError> {
        let context = owning.owner().cipher_context();
        let seal = |key: ProviderKey| Ok::<_, CipherError>((self.ports.cipher.seal(key.expose(), &context)?, key.hint()));
        let sealed_key = new.key.clone().try_map(seal)?;
        Ok(ProviderUpdate { provider: new, sealed_key, origin: Origin::Settings, at })
    }

    /// Whether every model is known here.
    pub(super) async fn unknown_of(&self, owning: Owning<'_>, models: &[ModelRef]) -> Result<(), LlmError> {
        let of = (owning, self.ports.clock.now());
        let seen = Seen::read(self.ports.store.repos(), of).await?;
        let catalogue = Catalogue::new(Arc::new(seen), &*self.ports.cipher);
        match models.iter().find(|model| !catalogue.has(model)) {
            Some(model) => Err(catalogue.unknown(&model.to_string()).into()),
            None => Ok(()),
        }
    }
}

async fn found(repos: &(impl Repos + ?Sized), owning: Owning<'_>, (id, at): (ProviderId, Timestamp)) -> Result<Provider, LlmError> {
    let visible = repos.llm_providers().visible(owning, at).await?;
    visible.into_iter().find(|provider| provider.id == id).ok_or(LlmError::ProviderNotFound(id))
}

/// A provider that may be changed from here. What is the instance's is seen by projects, and not theirs to change.
async fn changeable(repos: &(impl Repos + ?Sized), owning: Owning<'_>, of: (ProviderId, Timestamp)) -> Result<Provider, LlmError> {
    let provider = found(repos, owning, of).await?;
    if provider.owner == owning.owner() { Ok(provider) } else { Err(IdentityError::NotAdmin.into()) }
}

fn taken(err: StoreError, new: &NewProvider) -> LlmError {
    match err {
        StoreError::Duplicate(_) => LlmError::ProviderExists(new.alias.clone()),
        other => LlmError::Store(other),
    }
}

/// Rows of the book for models whose price is another than before.
pub(super) fn prices(provider: ProviderId, new: &NewProvider, (before, at): (Option<&Provider>, Timestamp)) -> Vec<NewPrice> {
    let is_known = |model: &PricedModel| {
        let mut stored = before.into_iter().flat_map(|before| &before.models);
        stored.any(|known| known.model.name == model.model.name && known.price == model.price)
    };
    let changed = new.models.iter().filter(|model| !is_known(model));
    let row = |model: &PricedModel| NewPrice {
        provider,
        model: model.model.name.clone(),
        price: model.price,
        source: Origin::Settings.as_str().to_owned(),
        valid_from: at,
        at,
    };
    changed.map(row).collect()
}

type Told = (&'static str, &'static str, Timestamp);

async fn record(tx: &dyn Tx, setting: Setting<'_>, provider: &Provider, (action, kind, at): Told) -> Result<(), StoreError> {
    let detail = json!({
        "alias": provider.alias, "dialect": provider.dialect, "base_url": provider.base_url.as_str(), "has_api_key": provider.has_key,
        "enabled": provider.is_enabled,
    });
    let entry = NewAudit { action, entity: "llm_provider", entity_id: provider.id.get(), detail, at };
    setting.record(tx, entry).await?;
    match setting {
        // Events belong to projects.
        Setting::Instance(_) => Ok(()),
        Setting::Project(scope) => {
            let data = json!({ "id": provider.id, "alias": provider.alias });
            tx.outbox().publish(scope, NewEvent { kind, data, at }).await
        }
    }
}
