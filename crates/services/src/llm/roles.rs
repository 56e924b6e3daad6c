//! Roles: which model fills each, for the instance and, before that, for a project.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::llm::{LlmError, Owner, RoleBinding, RoleModels, RoleName};
use serde_json::json;

use super::providers::ProviderService;
use super::{LlmPorts, Setting};

/// Use cases of roles.
pub struct RoleService {
    ports: LlmPorts,
}

impl std::fmt::Debug for RoleService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RoleService")
    }
}

impl RoleService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// What fills each role here, by name: a project's own setting stands before the instance's.
    ///
    /// # Errors
    /// Without a project, for anybody but an administrator.
    pub async fn list(&self, setting: Setting<'_>) -> Result<Vec<RoleBinding>, LlmError> {
        let visible = self.ports.store.repos().llm_roles().visible(setting.readable()?).await?;
        let is_hidden = |one: &RoleBinding| {
            one.owner == Owner::Instance && visible.iter().any(|other| other.role == one.role && other.owner != Owner::Instance)
        };
        Ok(visible.iter().filter(|one| !is_hidden(one)).cloned().collect())
    }

    /// Says which models fill a role from now on. They have to be known here.
    ///
    /// # Errors
    /// [`CallError::UnknownModel`](commandcenter_domain::llm::CallError::UnknownModel) with the known ones.
    #[tracing::instrument(skip_all, fields(role = role.as_str()))]
    pub async fn put(&self, setting: Setting<'_>, role: &RoleName, models: RoleModels) -> Result<RoleBinding, LlmError> {
        let owning = setting.writable()?;
        ProviderService::new(self.ports.clone()).unknown_of(owning, models.as_slice()).await?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        tx.llm_roles().put(owning, role, (&models, now)).await?;
        let detail = json!({ "role": role.as_str(), "models": models.as_slice() });
        setting.record(&*tx, NewAudit { action: "llm_role.set", entity: "llm_role", entity_id: 0, detail, at: now }).await?;
        tx.commit().await?;
        self.ports.shelf.forget();
        Ok(RoleBinding { role: role.clone(), owner: owning.owner(), models, updated_at: now })
    }

    /// Takes a setting away; in a project the instance's stands again.
    ///
    /// # Errors
    /// [`LlmError::RoleNotFound`] when there is none of this owner.
    #[tracing::instrument(skip_all, fields(role = role.as_str()))]
    pub async fn delete(&self, setting: Setting<'_>, role: &RoleName) -> Result<(), LlmError> {
        let owning = setting.writable()?;
        let tx = self.ports.store.begin().await?;
        if !tx.llm_roles().delete(owning, role).await? {
            return Err(LlmError::RoleNotFound(role.as_str().to_owned()));
        }
        let detail = json!({ "role": role.as_str() });
        let entry = NewAudit { action: "llm_role.removed", entity: "llm_role", entity_id: 0, detail, at: self.ports.clock.now() };
        setting.record(&*tx, entry).await?;
        tx.commit().await?;
        self.ports.shelf.forget();
        Ok(())
    }
}
