//! What others must hear of once a transaction is committed.

use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::shared::{JobId, ProjectId};

/// Collected within a transaction, sent after its commit.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Whether jobs were made.
    pub(super) jobs: bool,
    /// Whether events were written.
    pub(super) events: bool,
    /// Jobs that were asked to stop.
    pub(super) cancelled: Vec<(ProjectId, JobId)>,
}

impl Effects {
    pub(super) async fn send(self, signals: &dyn SignalBus) {
        for (project, job) in self.cancelled {
            signals.send(Signal::JobCancel { job }).await;
            signals.send(Signal::JobChanged { project, job }).await;
        }
        if self.jobs {
            signals.send(Signal::JobsReady).await;
        }
        if self.events {
            signals.send(Signal::EventsReady).await;
        }
    }
}
