//! Figures that nobody counts along the way: looked at now and then, for whoever reads the metrics.

use std::convert::Infallible;
use std::time::Duration;

use commandcenter_domain::job::QueueFigures;
use commandcenter_domain::shared::{Clock, SystemClock};
use commandcenter_domain::{Store, StoreError};
use commandcenter_telemetry::name;

use crate::build::App;

/// Time between two looks: what Prometheus usually takes between two scrapes.
const LOOK: Duration = Duration::from_secs(15);

impl App {
    /// Looks at the queues, again and again, in one statement each time.
    pub(crate) async fn watch_queues(&self) -> Infallible {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(error) = self.look_at_queues().await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the queues could not be looked at");
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of jobs, for a chart")]
    async fn look_at_queues(&self) -> Result<(), StoreError> {
        for figures in self.store.repos().job_queues().figures(SystemClock.now()).await? {
            let QueueFigures { queue, paused, ready, delayed, running, oldest_ready_seconds, .. } = figures;
            for (state, jobs) in [("ready", ready), ("delayed", delayed), ("running", running)] {
                metrics::gauge!(name::JOBS, "queue" => queue.as_str(), "state" => state).set(jobs as f64);
            }
            metrics::gauge!(name::JOBS_OLDEST, "queue" => queue.as_str()).set(oldest_ready_seconds.unwrap_or(0.0));
            metrics::gauge!(name::QUEUE_PAUSED, "queue" => queue.as_str()).set(f64::from(u8::from(paused)));
        }
        Ok(())
    }
}
