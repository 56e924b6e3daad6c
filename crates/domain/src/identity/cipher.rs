//! Sealing of secrets that must be read again, such as tokens of repositories.

/// Seals secrets for storage. What is sealed for one context does not open in another, so that a row copied elsewhere is worthless.
pub trait SecretCipher: Send + Sync {
    /// The sealed secret. `context` names where it belongs, such as `repository:<project id>`.
    ///
    /// # Errors
    /// [`CipherError::Seal`] when the system gives no randomness.
    fn seal(&self, plain: &str, context: &str) -> Result<Vec<u8>, CipherError>;

    /// The secret in clear.
    ///
    /// # Errors
    /// [`CipherError::Open`] when it was sealed with another key, for another context, or is damaged.
    fn open(&self, sealed: &[u8], context: &str) -> Result<String, CipherError>;
}

/// Why a secret was not sealed or opened. Never says what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// It could not be sealed.
    #[error("the secret could not be sealed")]
    Seal,
    /// It was sealed with another key or for another place, or is damaged.
    #[error("the secret cannot be opened: the secret key is another than the one it was sealed with")]
    Open,
}
