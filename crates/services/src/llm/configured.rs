//! Providers that the configuration of the process sets up: the instance's, there from the start, and read-only but for their models.

use commandcenter_domain::llm::{CallableProvider, LlmError, NewProvider, Origin, Owner, Owning, ProviderInput, ProviderUpdate};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{Patch, StoreError};

use super::providers::{ProviderService, prices};

impl ProviderService {
    /// Makes the stored providers of the configuration what it says now; several processes may do so at once. One that was set up
    /// through the API under the same name stays as it is.
    ///
    /// # Errors
    /// Input that breaks a rule, by the name of the provider's field; failing storage.
    pub async fn follow(&self, configured: Vec<ProviderInput>) -> Result<(), LlmError> {
        let now = self.ports.clock.now();
        let stored = self.stored(now).await?;
        let mut names = Vec::new();
        for input in configured {
            let Patch::Set(alias) = &input.alias else { continue };
            names.push(alias.clone());
            let before = stored.iter().find(|found| found.provider.alias == *alias);
            self.follow_one(input, (before, now)).await?;
        }
        for gone in stored.iter().filter(|found| found.provider.origin == Origin::Environment && !names.contains(&found.provider.alias)) {
            self.ports.store.repos().llm_providers().delete(Owning::Instance, gone.provider.id).await?;
        }
        self.ports.shelf.forget();
        Ok(())
    }

    async fn follow_one(&self, input: ProviderInput, (before, now): (Option<&CallableProvider>, Timestamp)) -> Result<(), LlmError> {
        if let Some(taken) = before.filter(|found| found.provider.origin == Origin::Settings) {
            let alias = &taken.provider.alias;
            tracing::warn!(alias, "a provider of this name was set up through the API; the configuration's is passed over");
            return Ok(());
        }
        let new = input.over(before.map(|found| &found.provider))?;
        self.admit(&new)?;
        if before.is_some_and(|found| self.is_same(found, &new)) {
            return Ok(());
        }
        let update = ProviderUpdate { origin: Origin::Environment, ..self.update_of(Owning::Instance, &new, now)? };
        let tx = self.ports.store.begin().await?;
        let id = match before {
            Some(found) => {
                tx.llm_providers().update(Owning::Instance, found.provider.id, &update).await?;
                found.provider.id
            }
            None => match tx.llm_providers().insert(Owning::Instance, &update).await {
                // Another process was first.
                Err(StoreError::Duplicate(_)) => return Ok(()),
                inserted => inserted?,
            },
        };
        tx.llm_providers().add_prices(&prices(id, &new, (before.map(|found| &found.provider), now))).await?;
        Ok(tx.commit().await?)
    }

    /// Whether what is stored is what is configured. A key that cannot be opened any more is another one.
    fn is_same(&self, found: &CallableProvider, new: &NewProvider) -> bool {
        let stored = &found.provider;
        let open = |sealed: &Vec<u8>| self.ports.cipher.open(sealed, &Owner::Instance.cipher_context()).ok();
        let key = found.sealed_key.as_ref().and_then(open);
        let has_same_key = match &new.key {
            Patch::Keep => true,
            Patch::Clear => found.sealed_key.is_none(),
            Patch::Set(wanted) => key.as_deref() == Some(wanted.expose()),
        };
        has_same_key && stored.dialect == new.dialect && stored.base_url == new.base_url && stored.models == new.models
    }

    /// The instance's providers, those that are switched off too, with their keys.
    async fn stored(&self, now: Timestamp) -> Result<Vec<CallableProvider>, StoreError> {
        self.ports.store.repos().llm_providers().stored(Owning::Instance, now).await
    }
}
