//! Signatures and keys of pushes.

use commandcenter_domain::source::PushSignatures;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// HMAC-SHA256, compared in constant time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signatures;

impl PushSignatures for Signatures {
    fn is_signed(&self, secret: &str, body: &[u8], signature: &str) -> bool {
        let Some(given) = signature.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok()) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    }

    fn is_same(&self, secret: &str, key: &str) -> bool {
        // Their hashes, so that not even the length shows.
        let digest = |text: &str| {
            let mac = Hmac::<Sha256>::new_from_slice(b"commandcenter push key").map(|mut mac| {
                mac.update(text.as_bytes());
                mac.finalize().into_bytes()
            });
            mac.ok()
        };
        match (digest(secret), digest(key)) {
            (Some(one), Some(other)) => one.ct_eq(&other).into(),
            (Some(_) | None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_body_and_of_the_secret() {
        let secret = "It's a Secret to Everybody";
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(Signatures.is_signed(secret, b"Hello, World!", signature));
        assert!(!Signatures.is_signed(secret, b"Hello, World?", signature));
        assert!(!Signatures.is_signed("", b"Hello, World!", signature));
        for wrong in ["", "sha256=", "sha256=zz", &signature[7..], "sha1=757107", &signature[..60]] {
            assert!(!Signatures.is_signed(secret, b"Hello, World!", wrong), "{wrong}");
        }
    }

    #[test]
    fn keys_are_compared_whole() {
        assert!(Signatures.is_same("a key of some length", "a key of some length"));
        for wrong in ["", "a key of some lengtH", "a key of some length "] {
            assert!(!Signatures.is_same("a key of some length", wrong), "{wrong}");
        }
    }
}
