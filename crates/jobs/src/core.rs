//! What the parts of an engine share.

use commandcenter_domain::event::Signal;
use commandcenter_domain::job::{JobLedger, Lease};
use tokio::sync::{Notify, mpsc};
use tokio_util::task::TaskTracker;

use crate::live::Live;
use crate::options::{EngineOptions, EngineParts};
use crate::room::Room;
use crate::settler::Handed;

pub(crate) struct Core {
    pub(crate) parts: EngineParts,
    pub(crate) options: EngineOptions,
    /// The runs under way.
    pub(crate) live: Live,
    /// Their tasks.
    pub(crate) tasks: TaskTracker,
    /// Told when a slot comes free.
    pub(crate) freed: Notify,
    /// Told when a run begins.
    pub(crate) began: Notify,
    /// Told when a run may have been asked to stop.
    pub(crate) attend: Notify,
    /// Where runs hand in how they ended.
    pub(crate) endings: mpsc::Sender<Handed>,
    /// Slots in use, by queue.
    pub(crate) room: Room,
}

impl Core {
    /// And the other end of where runs hand in how they ended.
    pub(crate) fn new(parts: EngineParts, options: EngineOptions) -> (Self, mpsc::Receiver<Handed>) {
        let (endings, handed) = mpsc::channel(options.slots.max(1) * 4);
        let core = Self {
            room: Room::new(options.slots, options.queues.clone()),
            endings,
            parts,
            options,
            live: Live::default(),
            tasks: TaskTracker::new(),
            freed: Notify::new(),
            began: Notify::new(),
            attend: Notify::new(),
        };
        (core, handed)
    }

    pub(crate) fn ledger(&self) -> &dyn JobLedger {
        self.parts.store.repos().job_ledger()
    }

    /// Tells whoever watches a job that its row changed.
    pub(crate) async fn changed(&self, lease: &Lease) {
        self.parts.signals.send(Signal::JobChanged { project: lease.project, job: lease.job }).await;
    }
}
