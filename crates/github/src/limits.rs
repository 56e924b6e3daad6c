//! Rate limits as far as they are known, one per token: who is known to be refused does not ask.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use commandcenter_domain::repository::{AccessToken, HostError};
use commandcenter_domain::shared::Timestamp;

/// Until when each token is refused.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<u64, Timestamp>>);

/// Tells tokens apart without keeping them.
pub(crate) fn key_of(token: Option<&AccessToken>) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.map(AccessToken::expose).hash(&mut hasher);
    hasher.finish()
}

impl Limits {
    /// Refuses while the token's limit is known to be used up.
    pub(crate) fn check(&self, key: u64, now: Timestamp) -> Result<(), HostError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&key).copied() {
            Some(until) if until > now => Err(HostError::RateLimited { until }),
            Some(_) => {
                known.remove(&key);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Remembers that the token is refused until then.
    pub(crate) fn note(&self, key: u64, until: Option<Timestamp>) {
        if let Some(until) = until {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, until);
        }
    }
}
