//! Login sessions: an access token for minutes, a refresh token that is spent at each use.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::{Caller, Credential, IdentityError, Password, PasswordHasher, RefreshRow, TokenClaims, TokenIssuer};
use commandcenter_domain::shared::{Checker, SessionId, Timestamp, UserId};
use commandcenter_domain::{Clock, Store};

/// Opens, renews and ends sessions.
pub struct SessionService {
    store: Arc<dyn Store>,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
    lifetime: TimeDelta,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// For requests.
    pub access_token: String,
    /// For the next pair; works once.
    pub refresh_token: String,
    /// Seconds the access token is good for.
    pub expires_in: u32,
    /// Seconds the session lives without being renewed.
    pub session_seconds: i64,
}

/// The ports of a [`SessionService`].
pub struct SessionPorts {
    /// Storage.
    pub store: Arc<dyn Store>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tokens.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl SessionService {
    /// The service over its ports; sessions end when not renewed for `lifetime`.
    #[must_use]
    pub fn new(ports: SessionPorts, lifetime: TimeDelta) -> Self {
        let SessionPorts { store, hasher, tokens, clock } = ports;
        Self { store, hasher, tokens, clock, lifetime }
    }

    /// Opens a session. An unknown address takes as long as a wrong password and is answered the same.
    ///
    /// # Errors
    /// [`IdentityError::WrongLogin`].
    pub async fn login(&self, email: &str, password: &str) -> Result<TokenPair, IdentityError> {
        let password = Password::check(&mut Checker::new(), "password", password);
        let found = self.store.repos().users().find_by_email(&email.trim().to_lowercase()).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.as_str());
        let is_right = self.hasher.verify(&password, hash).await?;
        let Some((user, _)) = found.filter(|(user, _)| is_right && user.is_active) else { return Err(IdentityError::WrongLogin) };
        let now = self.clock.now();
        let refresh = self.tokens.random()?;
        let tx = self.store.begin().await?;
        let session = tx.sessions().create(user.id, &self.tokens.fingerprint(&refresh), (now, now + self.lifetime)).await?;
        tx.users().logged_in(user.id, now).await?;
        tx.commit().await?;
        self.pair((user.id, session), refresh, now)
    }

    /// Spends a refresh token for a new pair. One that was spent before was stolen, by whoever came first or second: the session ends.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`].
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenPair, IdentityError> {
        let now = self.clock.now();
        let hash = self.tokens.fingerprint(refresh_token);
        let next = self.tokens.random()?;
        let tx = self.store.begin().await?;
        let row = tx.sessions().find_refresh(&hash, now).await?.ok_or(IdentityError::Unauthenticated)?;
        let RefreshRow { session, user, is_spent, is_live } = row;
        if is_spent || !is_live || !tx.sessions().spend(&hash, now).await? {
            tx.sessions().revoke(session, now).await?;
            tx.commit().await?;
            return Err(IdentityError::Unauthenticated);
        }
        tx.sessions().extend(session, &self.tokens.fingerprint(&next), (now, now + self.lifetime)).await?;
        tx.commit().await?;
        self.pair((user, session), next, now)
    }

    /// Ends the caller's session at once; its other sessions stay.
    ///
    /// # Errors
    /// [`IdentityError::SessionRequired`] when the caller came with a key.
    pub async fn logout(&self, caller: &Caller) -> Result<(), IdentityError> {
        match caller.credential {
            Credential::Session(session) => Ok(self.store.repos().sessions().revoke(session, self.clock.now()).await?),
            Credential::PersonalKey(_) | Credential::ProjectKey { .. } => Err(IdentityError::SessionRequired),
        }
    }

    fn pair(&self, of: (UserId, SessionId), refresh_token: String, now: Timestamp) -> Result<TokenPair, IdentityError> {
        let (user, session) = of;
        let access_token = self.tokens.issue(TokenClaims { user, session }, now)?;
        Ok(TokenPair {
            access_token,
            refresh_token,
            expires_in: self.tokens.lifetime_seconds(),
            session_seconds: self.lifetime.num_seconds(),
        })
    }
}
