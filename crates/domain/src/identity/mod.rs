//! Who calls and what they may do: accounts, sessions, API keys, roles and the proof of a right to a project.

mod caller;
mod cipher;
mod error;
mod model;
mod ports;
mod role;
mod scope;

pub use caller::{Actor, Caller, Credential};
pub use cipher::{CipherError, SecretCipher};
pub use error::IdentityError;
pub use model::{AccessRow, ApiKey, EmailAddress, KeyRow, NewApiKey, NewUser, Password, RefreshRow, Registration, TicketRow, User};
pub use ports::{ApiKeyRepo, CryptoError, PasswordHasher, SessionRepo, TokenClaims, TokenIssuer, UserRepo};
pub use role::Role;
pub use scope::{AccessError, Membership, ProjectScope};
