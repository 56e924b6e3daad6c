//! Who does which kind of job.

use std::collections::BTreeMap;
use std::sync::Arc;

use commandcenter_domain::job::{JobHandler, JobKind, QueueName};

/// Handlers by kind. An engine claims only the kinds it has a handler for.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: BTreeMap<JobKind, Arc<dyn JobHandler>>,
}

impl Registry {
    /// A registry without handlers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The registry with a handler more. A second one of the same kind takes the first one's place.
    #[must_use]
    pub fn with(mut self, handler: Arc<dyn JobHandler>) -> Self {
        self.handlers.insert(handler.kind(), handler);
        self
    }

    pub(crate) fn find(&self, kind: JobKind) -> Option<Arc<dyn JobHandler>> {
        self.handlers.get(&kind).cloned()
    }

    pub(crate) fn kinds_of(&self, queue: QueueName) -> Vec<JobKind> {
        self.handlers.keys().copied().filter(|kind| kind.queue() == queue).collect()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.handlers.keys()).finish()
    }
}
