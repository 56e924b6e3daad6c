//! One configured secret, one derived key per purpose.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The instance's secret key. Each use derives a key of its own from it (HKDF-SHA-256, RFC 5869), so that no two uses share one.
#[derive(Clone)]
pub struct MasterKey(Hkdf<Sha256>);

impl MasterKey {
    /// From the configured text, of which the configuration has checked that it is long enough.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(Hkdf::new(Some(b"commandcenter"), secret.as_bytes()))
    }

    /// A name that all processes with this secret agree on and others do not share. It may be seen: it tells nothing of the secret.
    #[must_use]
    pub fn name_of(&self, purpose: &str) -> String {
        hex::encode(self.derive(&format!("name of {purpose}")).as_ref())
    }

    /// The key of a purpose: 256 bits.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // 32 bytes are within what HKDF-SHA-256 can give (255 × 32), the only way it can fail.
        let expanded = self.0.expand(purpose.as_bytes(), key.as_mut());
        debug_assert!(expanded.is_ok(), "a key of 32 bytes is within the bounds of HKDF");
        key
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}
