//! Secrets at rest: XChaCha20-Poly1305 with the context as associated data.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use commandcenter_domain::identity::{CipherError, SecretCipher};
use rand::TryRng;
use rand::rngs::SysRng;

use crate::key::MasterKey;

/// Bytes of the nonce that precedes the sealed text.
const NONCE: usize = 24;

/// Seals with a key derived from the instance's secret. Layout: 24 bytes of random nonce, then the sealed text with its tag.
pub struct SealingCipher(XChaCha20Poly1305);

impl SealingCipher {
    /// A cipher of the instance.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key.derive("secrets at rest"))))
    }
}

impl std::fmt::Debug for SealingCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingCipher([redacted])")
    }
}

impl SecretCipher for SealingCipher {
    fn seal(&self, plain: &str, context: &str) -> Result<Vec<u8>, CipherError> {
        let mut nonce = [0_u8; NONCE];
        SysRng.try_fill_bytes(&mut nonce).map_err(|_| CipherError::Seal)?;
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| CipherError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, sealed: &[u8], context: &str) -> Result<String, CipherError> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(CipherError::Open)?;
        let payload = Payload { msg: text, aad: context.as_bytes() };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| CipherError::Open)?;
        String::from_utf8(plain).map_err(|_| CipherError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_in_its_context_and_undamaged() {
        let cipher = SealingCipher::new(&MasterKey::new("one"));
        let mut sealed = cipher.seal("ghp_secret", "repository:1").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"ghp_"));
        assert_eq!(cipher.open(&sealed, "repository:1").unwrap(), "ghp_secret");
        assert_eq!(cipher.open(&sealed, "repository:2"), Err(CipherError::Open));
        assert_eq!(SealingCipher::new(&MasterKey::new("two")).open(&sealed, "repository:1"), Err(CipherError::Open));
        sealed[30] ^= 1;
        assert_eq!(cipher.open(&sealed, "repository:1"), Err(CipherError::Open));
        assert_eq!(cipher.open(b"short", "repository:1"), Err(CipherError::Open));
    }
}
