//! API keys: personal ones act as their owner, bound ones in one project only.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{Actor, ApiKey, Caller, Credential, IdentityError, NewApiKey, ProjectScope, Role, TokenIssuer};
use commandcenter_domain::shared::{ApiKeyId, Checker, Invalid, Limits, ProjectId, Timestamp};
use commandcenter_domain::{Clock, Page, PageRequest, Store};
use serde_json::json;

use super::access::KEY_MARK;

/// Makes, shows and deletes keys.
pub struct ApiKeyService {
    store: Arc<dyn Store>,
    tokens: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
}

/// A key to make, checked.
#[derive(Debug, Clone)]
pub struct NewKey {
    name: String,
    expires_at: Option<Timestamp>,
}

impl NewKey {
    /// Checks what was given; a key must not be born expired.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(name: &str, expires_at: Option<Timestamp>, now: Timestamp) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = check.line("name", name, Limits { min: 1, max: 100 });
        if expires_at.is_some_and(|at| at <= now) {
            check.note("expires_at", "in_the_past", "must be in the future");
        }
        check.finish(Self { name, expires_at })
    }
}

/// A key with its text, which is shown this once.
#[derive(Debug, Clone)]
pub struct MintedKey {
    /// The key.
    pub key: ApiKey,
    /// Its text.
    pub text: String,
}

impl ApiKeyService {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tokens: Arc<dyn TokenIssuer>, clock: Arc<dyn Clock>) -> Self {
        Self { store, tokens, clock }
    }

    /// The present moment, for checking input against it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes a personal key.
    ///
    /// # Errors
    /// [`IdentityError::SessionRequired`] when the caller came with a key.
    pub async fn create_personal(&self, caller: &Caller, new: NewKey) -> Result<MintedKey, IdentityError> {
        require_session(caller)?;
        self.mint(caller, new, None).await
    }

    /// Makes a key bound to the project, with at most the caller's own role.
    ///
    /// # Errors
    /// [`IdentityError::Access`] below maintainer; [`IdentityError::SessionRequired`] when the caller came with a key.
    pub async fn create_bound(&self, caller: &Caller, scope: &ProjectScope, new: (NewKey, Role)) -> Result<MintedKey, IdentityError> {
        require_session(caller)?;
        let (new, role) = new;
        scope.require(Role::Maintainer.max(role))?;
        self.mint(caller, new, Some((scope.project(), role))).await
    }

    /// The caller's personal keys.
    ///
    /// # Errors
    /// [`IdentityError::SessionRequired`] when the caller came with a key of one project.
    pub async fn list_personal(&self, caller: &Caller, page: PageRequest) -> Result<Page<ApiKey>, IdentityError> {
        if caller.is_confined() {
            return Err(IdentityError::SessionRequired);
        }
        Ok(self.store.repos().api_keys().list_personal(caller.user, page).await?)
    }

    /// The keys bound to the project.
    ///
    /// # Errors
    /// [`IdentityError::Access`] below maintainer.
    pub async fn list_bound(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<ApiKey>, IdentityError> {
        scope.require(Role::Maintainer)?;
        Ok(self.store.repos().api_keys().list_bound(scope.project(), page).await?)
    }

    /// Deletes a personal key; it stops working at once.
    ///
    /// # Errors
    /// [`IdentityError::KeyNotFound`].
    pub async fn delete_personal(&self, caller: &Caller, id: ApiKeyId) -> Result<(), IdentityError> {
        require_session(caller)?;
        let tx = self.store.begin().await?;
        if !tx.api_keys().delete_personal(caller.user, id).await? {
            return Err(IdentityError::KeyNotFound);
        }
        tx.audit().record_instance(Actor::User(caller.user), self.entry("api_key.deleted", id)).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a bound key; it stops working at once.
    ///
    /// # Errors
    /// [`IdentityError::Access`] below maintainer, [`IdentityError::KeyNotFound`].
    pub async fn delete_bound(&self, scope: &ProjectScope, id: ApiKeyId) -> Result<(), IdentityError> {
        scope.require(Role::Maintainer)?;
        let tx = self.store.begin().await?;
        if !tx.api_keys().delete_bound(scope.project(), id).await? {
            return Err(IdentityError::KeyNotFound);
        }
        tx.audit().record(scope, self.entry("api_key.deleted", id)).await?;
        Ok(tx.commit().await?)
    }

    async fn mint(&self, caller: &Caller, new: NewKey, bound: Option<(ProjectId, Role)>) -> Result<MintedKey, IdentityError> {
        let random = self.tokens.random()?;
        let (prefix, secret) = random.split_at(8);
        let prefix = format!("{KEY_MARK}{prefix}");
        let text = format!("{prefix}_{secret}");
        let hash = self.tokens.fingerprint(&text);
        let NewKey { name, expires_at } = new;
        let tx = self.store.begin().await?;
        let row = NewApiKey { user: caller.user, bound, name, prefix, hash, at: self.clock.now(), expires_at };
        let key = tx.api_keys().insert(row).await?;
        tx.audit().record_instance(Actor::User(caller.user), self.entry("api_key.created", key.id)).await?;
        tx.commit().await?;
        Ok(MintedKey { key, text })
    }

    fn entry(&self, action: &'static str, id: ApiKeyId) -> NewAudit {
        NewAudit { action, entity: "api_key", entity_id: id.get(), detail: json!({}), at: self.clock.now() }
    }
}

fn require_session(caller: &Caller) -> Result<(), IdentityError> {
    match caller.credential {
        Credential::Session(_) => Ok(()),
        Credential::PersonalKey(_) | Credential::ProjectKey { .. } => Err(IdentityError::SessionRequired),
    }
}
