//! argon2id (RFC 9106), away from the async threads and not too many at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier};
use async_trait::async_trait;
use commandcenter_domain::identity::{CryptoError, Password, PasswordHasher};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Hashes with argon2id's recommended parameters (19 MiB, two passes).
#[derive(Debug)]
pub struct Argon2Hasher {
    // Each hash takes 19 MiB and a core: a flood of logins must not take them all.
    permits: Arc<Semaphore>,
    decoy: String,
}

impl Argon2Hasher {
    /// A hasher that works on at most `parallel` passwords at once.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new(parallel: usize) -> Result<Self, CryptoError> {
        let decoy = hash_now("a password that nobody has")?;
        Ok(Self { permits: Arc::new(Semaphore::new(parallel.max(1))), decoy })
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, CryptoError> + Send + 'static) -> Result<T, CryptoError> {
        let _permit = self.permits.acquire().await.map_err(failed)?;
        spawn_blocking(work).await.map_err(failed)?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Password) -> Result<String, CryptoError> {
        let password = password.clone();
        self.apart(move || hash_now(password.expose())).await
    }

    async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, CryptoError> {
        let (password, is_known) = (password.clone(), hash.is_some());
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let matches = self.apart(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            Ok(Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
        });
        Ok(matches.await? && is_known)
    }
}

fn hash_now(password: &str) -> Result<String, CryptoError> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(failed)?;
    Ok(hash.to_string())
}

fn failed(err: impl std::fmt::Display) -> CryptoError {
    CryptoError(err.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use commandcenter_domain::shared::Checker;

    fn password(text: &str) -> Password {
        Password::check(&mut Checker::new(), "password", text)
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_verifies() {
        let hasher = Argon2Hasher::new(1).unwrap();
        let hash = hasher.hash(&password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify(&password("correct horse"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&password("correct house"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&password("a password that nobody has"), None).await.unwrap());
    }
}
