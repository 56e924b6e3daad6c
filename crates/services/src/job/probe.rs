//! How full the queue is.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::health::{Component, HealthProbe, HealthStatus};
use commandcenter_domain::job::QueueDepth;
use commandcenter_domain::{Clock, Store};

/// The queue, as health sees it.
pub struct QueueProbe {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for QueueProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QueueProbe")
    }
}

impl QueueProbe {
    /// A probe of the store's queue.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl HealthProbe for QueueProbe {
    fn name(&self) -> &'static str {
        "queue"
    }

    async fn check(&self) -> Component {
        match self.store.repos().job_ledger().depth(self.clock.now()).await {
            Ok(QueueDepth { ready, running, delayed }) => {
                Component::new(HealthStatus::Healthy).with("ready", ready).with("running", running).with("delayed", delayed)
            }
            Err(err) => Component::new(HealthStatus::Unhealthy).because(err.to_string()),
        }
    }
}
