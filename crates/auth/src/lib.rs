//! Cryptography of identity: password hashes, tokens, sealed secrets. Implements the ports of `domain::identity`.

mod cipher;
mod key;
mod password;
mod token;

pub use cipher::SealingCipher;
pub use key::MasterKey;
pub use password::Argon2Hasher;
pub use token::JwtIssuer;
