//! The metrics page: what was counted, with the figures that are only looked at when asked.

use std::sync::Arc;

use commandcenter_http::MetricsText;
use commandcenter_repositories::{PoolFigures, SeaStore};
use commandcenter_telemetry::{Metrics, name};

/// Renders the process's metrics.
pub(crate) struct MetricsPage {
    pub(crate) metrics: Metrics,
    pub(crate) store: Arc<SeaStore>,
}

impl MetricsText for MetricsPage {
    fn render(&self) -> String {
        let PoolFigures { open, idle, most } = self.store.pool_figures();
        metrics::gauge!(name::POOL_CONNECTIONS, "state" => "idle").set(f64::from(idle));
        metrics::gauge!(name::POOL_CONNECTIONS, "state" => "used").set(f64::from(open.saturating_sub(idle)));
        metrics::gauge!(name::POOL_SIZE).set(f64::from(most));
        self.metrics.render()
    }
}
