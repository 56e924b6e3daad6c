//! Who calls: sign-in, sessions, keys, and the proof of a right to a project.

mod access;
mod account;
mod api_key;
mod session;
mod ticket;

pub use access::{Access, Authorised};
pub use account::{AccountService, Registrations};
pub use api_key::{ApiKeyService, MintedKey, NewKey};
pub use session::{SessionPorts, SessionService, TokenPair};
pub use ticket::TicketService;
