//! What several processes remember together.

use std::time::Duration;

use async_trait::async_trait;

/// Remembers for all processes of an installation, as well as it can: whatever it forgets or cannot say in time is made anew.
#[async_trait]
pub trait SharedMemory: Send + Sync {
    /// What was kept under a key, by whichever process.
    async fn recall(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps a value for a while. Does not wait until it is kept.
    fn keep(&self, key: String, value: Vec<u8>, lasting: Duration);
}
