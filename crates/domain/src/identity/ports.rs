//! What identity needs of storage and of cryptography.

use async_trait::async_trait;

use crate::shared::{ApiKeyId, Page, PageRequest, ProjectId, SessionId, StoreError, Timestamp, UserId};

use super::{AccessRow, ApiKey, KeyRow, NewApiKey, NewUser, Password, RefreshRow, TicketRow, User};

/// Accounts in storage.
#[async_trait]
pub trait UserRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the address is taken.
    async fn insert(&self, new: NewUser) -> Result<User, StoreError>;
    /// `None` when absent.
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;
    /// The account of an address, with its password's hash.
    async fn find_by_email(&self, email: &str) -> Result<Option<(User, String)>, StoreError>;
    /// Whether there is any account. Only within a transaction: it keeps others from making the first one meanwhile.
    async fn is_any(&self) -> Result<bool, StoreError>;
    /// Whether there is any account now.
    async fn is_any_now(&self) -> Result<bool, StoreError>;
    /// All accounts by id.
    async fn list(&self, page: PageRequest) -> Result<Page<User>, StoreError>;
    /// Remembers a login.
    async fn logged_in(&self, id: UserId, at: Timestamp) -> Result<(), StoreError>;
}

/// Login sessions in storage. Tokens are stored hashed.
#[async_trait]
pub trait SessionRepo: Send + Sync {
    /// Begins a session with its first refresh token, and forgets those of the account that have ended.
    async fn create(&self, user: UserId, refresh_hash: &str, life: (Timestamp, Timestamp)) -> Result<SessionId, StoreError>;
    /// Looks a refresh token up.
    async fn find_refresh(&self, hash: &str, now: Timestamp) -> Result<Option<RefreshRow>, StoreError>;
    /// Spends a refresh token; `false` when somebody else did so first.
    async fn spend(&self, hash: &str, now: Timestamp) -> Result<bool, StoreError>;
    /// Gives a session its next refresh token and a new end.
    async fn extend(&self, session: SessionId, refresh_hash: &str, life: (Timestamp, Timestamp)) -> Result<(), StoreError>;
    /// Ends a session.
    async fn revoke(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError>;
    /// What a live session of an active account gives, with its role in a project: one statement.
    async fn access(&self, session: SessionId, project: Option<ProjectId>, now: Timestamp) -> Result<Option<AccessRow>, StoreError>;
    /// Stores a ticket.
    async fn insert_ticket(&self, hash: &str, ticket: TicketRow, expires_at: Timestamp) -> Result<(), StoreError>;
    /// Takes a ticket: it works once.
    async fn take_ticket(&self, hash: &str, now: Timestamp) -> Result<Option<TicketRow>, StoreError>;
}

/// API keys in storage.
#[async_trait]
pub trait ApiKeyRepo: Send + Sync {
    /// Stores a key.
    async fn insert(&self, new: NewApiKey) -> Result<ApiKey, StoreError>;
    /// What a live key of an active account gives: one statement.
    async fn access(&self, hash: &str, project: Option<ProjectId>, now: Timestamp) -> Result<Option<KeyRow>, StoreError>;
    /// Remembers that a key was used.
    async fn used(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;
    /// The personal keys of an account.
    async fn list_personal(&self, user: UserId, page: PageRequest) -> Result<Page<ApiKey>, StoreError>;
    /// The keys bound to a project.
    async fn list_bound(&self, project: ProjectId, page: PageRequest) -> Result<Page<ApiKey>, StoreError>;
    /// Deletes a personal key; `false` when the account has none of that id.
    async fn delete_personal(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError>;
    /// Deletes a bound key; `false` when the project has none of that id.
    async fn delete_bound(&self, project: ProjectId, id: ApiKeyId) -> Result<bool, StoreError>;
}

/// Hashes passwords, away from the async threads.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash in PHC format.
    async fn hash(&self, password: &Password) -> Result<String, CryptoError>;
    /// Whether a password belongs to a hash. Without a hash it works as long and answers no.
    async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, CryptoError>;
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClaims {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
}

/// Makes and reads tokens.
pub trait TokenIssuer: Send + Sync {
    /// A signed access token, good from `now` for [`TokenIssuer::lifetime_seconds`].
    fn issue(&self, claims: TokenClaims, now: Timestamp) -> Result<String, CryptoError>;
    /// The claims of a token that is ours and not expired at `now`.
    fn verify(&self, token: &str, now: Timestamp) -> Option<TokenClaims>;
    /// How long access tokens are good for.
    fn lifetime_seconds(&self) -> u32;
    /// A random text of 256 bits with no structure: refresh tokens, keys, tickets.
    fn random(&self) -> Result<String, CryptoError>;
    /// The hash under which a random text is stored.
    fn fingerprint(&self, random: &str) -> String;
}

/// Cryptography that failed: no randomness, or a stored hash that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cryptography failed: {0}")]
pub struct CryptoError(pub String);
