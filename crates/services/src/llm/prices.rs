//! The book of prices.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::IdentityError;
use commandcenter_domain::llm::{GivenPrice, LlmError, ModelRef, NewPrice, PriceInput, PriceRow, Provider};
use commandcenter_domain::shared::Invalid;
use commandcenter_domain::{Page, PageRequest};
use serde_json::json;

use super::providers::ProviderService;
use super::{LlmPorts, Setting};

/// Use cases of prices.
pub struct PriceService {
    ports: LlmPorts,
}

impl std::fmt::Debug for PriceService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PriceService")
    }
}

impl PriceService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// A page of the book as it is seen from here, newest first.
    ///
    /// # Errors
    /// Without a project, for anybody but an administrator.
    pub async fn list(
        &self,
        setting: Setting<'_>,
        of: (Option<&str>, Option<&str>),
        page: PageRequest,
    ) -> Result<Page<PriceRow>, LlmError> {
        Ok(self.ports.store.repos().llm_providers().prices(setting.readable()?, of, page).await?)
    }

    /// Writes a price for a model of a provider of one's own, from now or a later moment on.
    ///
    /// # Errors
    /// A model that is not known here; a provider that is the instance's, in a project.
    #[tracing::instrument(skip_all)]
    pub async fn add(&self, setting: Setting<'_>, input: PriceInput) -> Result<PriceRow, LlmError> {
        let owning = setting.writable()?;
        let now = self.ports.clock.now();
        let GivenPrice { provider, model, price, source, valid_from } = input.parse(now)?;
        let priced = ModelRef { provider, model };
        let visible = ProviderService::new(self.ports.clone()).list(setting).await?;
        let provider = owner_of(&visible, &priced)?;
        if provider.owner != owning.owner() {
            return Err(IdentityError::NotAdmin.into());
        }
        let (at, valid_from) = (now, valid_from.unwrap_or(now));
        let new = NewPrice { provider: provider.id, model: priced.model.clone(), price, source, valid_from, at };
        let tx = self.ports.store.begin().await?;
        tx.llm_providers().add_prices(std::slice::from_ref(&new)).await?;
        let detail = json!({ "model": priced.to_string(), "price": price, "source": new.source, "valid_from": valid_from });
        setting
            .record(&*tx, NewAudit { action: "llm_price.added", entity: "llm_provider", entity_id: provider.id.get(), detail, at })
            .await?;
        let of = (Some(priced.provider.as_str()), Some(priced.model.as_str()));
        let written = tx.llm_providers().prices(owning, of, PageRequest::default()).await?.items;
        tx.commit().await?;
        self.ports.shelf.forget();
        let row = written.into_iter().filter(|row| row.valid_from == valid_from).max_by_key(|row| row.id);
        row.ok_or(LlmError::ProviderNotFound(provider.id))
    }
}

/// The provider that a name means here, if it has the model.
fn owner_of<'a>(visible: &'a [Provider], priced: &ModelRef) -> Result<&'a Provider, Invalid> {
    // A project's own come first.
    let provider = visible.iter().find(|provider| provider.alias == priced.provider);
    let provider = provider.ok_or_else(|| Invalid::one("provider", "unknown_value", "is not the name of a provider"))?;
    if !provider.models.iter().any(|known| known.model.name == priced.model) {
        return Err(Invalid::one("model", "unknown_value", "is not a model of this provider"));
    }
    Ok(provider)
}
