//! What API keys may use of a project in a minute.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::llm::{KeyLimits, LlmError, RateLimits};
use commandcenter_domain::shared::ApiKeyId;
use commandcenter_domain::{Page, PageRequest};
use serde_json::json;

use super::LlmPorts;

/// Use cases of limits.
pub struct LimitService {
    ports: LlmPorts,
}

impl std::fmt::Debug for LimitService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LimitService")
    }
}

impl LimitService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// A page of limits, by key.
    ///
    /// # Errors
    /// A role below maintainer: as for keys, whose names these are.
    pub async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<KeyLimits>, LlmError> {
        scope.require(Role::Maintainer)?;
        Ok(self.ports.store.repos().llm_limits().list(scope, page).await?)
    }

    /// Sets what a key may use from now on; what it used stays used.
    ///
    /// # Errors
    /// [`LlmError::KeyNotFound`] for a key that does not work in the project; a role below maintainer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), api_key.id = %key))]
    pub async fn put(&self, scope: &ProjectScope, key: ApiKeyId, limits: RateLimits) -> Result<KeyLimits, LlmError> {
        scope.require(Role::Maintainer)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        if !tx.llm_limits().put(scope, key, (limits, now)).await? {
            return Err(LlmError::KeyNotFound(key));
        }
        let detail = json!({ "requests_per_minute": limits.requests(), "tokens_per_minute": limits.tokens() });
        let entry = NewAudit { action: "llm_limits.set", entity: "api_key", entity_id: key.get(), detail, at: now };
        tx.audit().record(scope, entry).await?;
        let found = tx.llm_limits().find(scope, key).await?.ok_or(LlmError::KeyNotFound(key))?;
        tx.commit().await?;
        Ok(found)
    }

    /// Takes a key's limits away.
    ///
    /// # Errors
    /// [`LlmError::LimitsNotFound`]; a role below maintainer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), api_key.id = %key))]
    pub async fn delete(&self, scope: &ProjectScope, key: ApiKeyId) -> Result<(), LlmError> {
        scope.require(Role::Maintainer)?;
        let tx = self.ports.store.begin().await?;
        if !tx.llm_limits().delete(scope, key).await? {
            return Err(LlmError::LimitsNotFound(key));
        }
        let entry = NewAudit {
            action: "llm_limits.removed",
            entity: "api_key",
            entity_id: key.get(),
            detail: json!({}),
            at: self.ports.clock.now(),
        };
        tx.audit().record(scope, entry).await?;
        Ok(tx.commit().await?)
    }
}
