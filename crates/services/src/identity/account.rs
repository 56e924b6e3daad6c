//! Accounts: the first one makes itself, the others are made by an administrator unless registration is open.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{Actor, Caller, IdentityError, NewUser, PasswordHasher, Registration, User};
use commandcenter_domain::shared::UserId;
use commandcenter_domain::{Clock, Page, PageRequest, Store, StoreError, Tx};
use serde_json::json;

/// Who may register once there is an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registrations {
    /// Anybody.
    Open,
    /// Nobody: administrators make accounts.
    Closed,
}

/// Makes and shows accounts.
pub struct AccountService {
    store: Arc<dyn Store>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
    registrations: Registrations,
}

impl AccountService {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, hasher: Arc<dyn PasswordHasher>, clock: Arc<dyn Clock>, registrations: Registrations) -> Self {
        Self { store, hasher, clock, registrations }
    }

    /// Whether the first account is still to be made.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn needs_setup(&self) -> Result<bool, IdentityError> {
        Ok(!self.store.repos().users().is_any_now().await?)
    }

    /// Registers a stranger. The first account becomes the instance's administrator.
    ///
    /// # Errors
    /// [`IdentityError::RegistrationClosed`], [`IdentityError::EmailTaken`].
    pub async fn register(&self, registration: Registration) -> Result<User, IdentityError> {
        if self.registrations == Registrations::Closed && !self.needs_setup().await? {
            return Err(IdentityError::RegistrationClosed);
        }
        let hash = self.hasher.hash(&registration.password).await?;
        let tx = self.store.begin().await?;
        let is_first = !tx.users().is_any().await?;
        if !is_first && self.registrations == Registrations::Closed {
            return Err(IdentityError::RegistrationClosed);
        }
        let user = self.insert(tx.as_ref(), registration, (hash, is_first)).await?;
        let entry = self.entry("user.registered", user.id);
        tx.audit().record_instance(Actor::User(user.id), entry).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Makes an account for somebody else.
    ///
    /// # Errors
    /// [`IdentityError::NotAdmin`], [`IdentityError::EmailTaken`].
    pub async fn create(&self, caller: &Caller, registration: Registration) -> Result<User, IdentityError> {
        require_admin(caller)?;
        let hash = self.hasher.hash(&registration.password).await?;
        let tx = self.store.begin().await?;
        let user = self.insert(tx.as_ref(), registration, (hash, false)).await?;
        let entry = self.entry("user.created", user.id);
        tx.audit().record_instance(Actor::User(caller.user), entry).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// All accounts.
    ///
    /// # Errors
    /// [`IdentityError::NotAdmin`].
    pub async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<User>, IdentityError> {
        require_admin(caller)?;
        Ok(self.store.repos().users().list(page).await?)
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// When it was deleted meanwhile.
    pub async fn me(&self, caller: &Caller) -> Result<User, IdentityError> {
        self.store.repos().users().find(caller.user).await?.ok_or(IdentityError::Unauthenticated)
    }

    async fn insert(&self, tx: &dyn Tx, registration: Registration, made: (String, bool)) -> Result<User, IdentityError> {
        let Registration { email, password: _, full_name } = registration;
        let (password_hash, is_admin) = made;
        match tx.users().insert(NewUser { email, password_hash, full_name, is_admin, at: self.clock.now() }).await {
            Err(StoreError::Duplicate(_)) => Err(IdentityError::EmailTaken),
            inserted => Ok(inserted?),
        }
    }

    fn entry(&self, action: &'static str, id: UserId) -> NewAudit {
        NewAudit { action, entity: "user", entity_id: id.get(), detail: json!({}), at: self.clock.now() }
    }
}

fn require_admin(caller: &Caller) -> Result<(), IdentityError> {
    if caller.manages_instance() { Ok(()) } else { Err(IdentityError::NotAdmin) }
}
