//! Health of the whole from the health of its parts.

use std::sync::Arc;

use commandcenter_domain::health::{Component, HealthProbe, HealthStatus};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{Clock, Store};

/// Asks the parts how they are.
pub struct HealthService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    probes: Vec<Arc<dyn HealthProbe>>,
    started: Timestamp,
}

/// How the whole is.
#[derive(Debug, Clone)]
pub struct Health {
    /// The worst that matters: an unhealthy part makes the whole unhealthy, a degraded one degrades it.
    pub status: HealthStatus,
    /// Seconds since the process started.
    pub uptime_seconds: i64,
    /// Each part by name.
    pub components: Vec<(&'static str, Component)>,
}

impl HealthService {
    /// A service over the store and the parts that `app` wired.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, probes: Vec<Arc<dyn HealthProbe>>) -> Self {
        let started = clock.now();
        Self { store, clock, probes, started }
    }

    /// Whether requests can be served: the database answers.
    pub async fn is_ready(&self) -> bool {
        self.store.ping().await.is_ok()
    }

    /// Every part, asked at once.
    pub async fn detailed(&self) -> Health {
        let answers = futures::future::join_all(self.probes.iter().map(|probe| async move { (probe.name(), probe.check().await) })).await;
        let mut components = vec![("database", self.database().await)];
        components.extend(answers);
        let is = |status| components.iter().any(|(_, component)| component.status == status);
        let status = match (is(HealthStatus::Unhealthy), is(HealthStatus::Degraded)) {
            (true, _) => HealthStatus::Unhealthy,
            (false, true) => HealthStatus::Degraded,
            (false, false) => HealthStatus::Healthy,
        };
        Health { status, uptime_seconds: (self.clock.now() - self.started).num_seconds(), components }
    }

    async fn database(&self) -> Component {
        let before = self.clock.now();
        match self.store.ping().await {
            Ok(()) => Component::new(HealthStatus::Healthy).with("response_time_ms", (self.clock.now() - before).num_milliseconds()),
            Err(err) => Component::new(HealthStatus::Unhealthy).because(err.to_string()),
        }
    }
}
