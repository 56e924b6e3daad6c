//! Ended jobs go to the archive when their time is over, and out of the archive when its time is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use commandcenter_domain::job::{Due, JobStatus, Retention, Stretch};
use commandcenter_domain::shared::{JobId, Timestamp};
use commandcenter_domain::{Clock, Store, StoreError};

/// Most jobs that are looked at, moved or forgotten at once: locks stay short.
const CHUNK: u64 = 1000;

/// Keeps the history of jobs as long as is configured.
pub struct JobArchivist {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    retention: Retention,
}

impl std::fmt::Debug for JobArchivist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobArchivist")
    }
}

/// What a pass did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Jobs that came into the archive, by how they had ended.
    pub archived: BTreeMap<JobStatus, u64>,
    /// Jobs that went out of it for good.
    pub forgotten: u64,
}

impl Swept {
    /// How many jobs came into the archive.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.archived.values().sum()
    }

    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moved() == 0 && self.forgotten == 0
    }

    fn add(&mut self, archived: &BTreeMap<JobStatus, u64>) {
        for (status, count) in archived {
            *self.archived.entry(*status).or_default() += count;
            metrics::counter!("commandcenter_jobs_archived_total", "outcome" => status.as_str()).increment(*count);
        }
    }
}

impl JobArchivist {
    /// An archivist over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Retention) -> Self {
        Self { store, clock, retention }
    }

    /// Archives the jobs whose time is over, then forgets what was archived long enough; chunk by chunk, each in a transaction of its own.
    /// Awaits `rest` after every chunk that changed something, so that those who wait to write get their turn. What was done before an
    /// error stays done, and the next pass goes on from there.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sweep(&self, rest: impl AsyncFn()) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        let due = self.retention.due(now);
        if let Some(youngest) = due.youngest() {
            self.archive((&due, youngest, now), &mut swept, &rest).await?;
        }
        if let Some(before) = self.retention.forgotten_before(now) {
            swept.forgotten = self.forget(before, &rest).await?;
        }
        Ok(swept)
    }

    /// Walks along the ids. Jobs stand in the order in which they were made, more or less: a chunk made after the youngest moment is the
    /// first of those that cannot be due.
    async fn archive(
        &self,
        (due, youngest, now): (&Due, Timestamp, Timestamp),
        swept: &mut Swept,
        rest: &impl AsyncFn(),
    ) -> Result<(), StoreError> {
        let mut after = JobId::new(0);
        loop {
            let stretch = self.store.repos().job_archive().look(due, after, CHUNK).await?;
            if stretch.due > 0 {
                swept.add(&self.carry(&stretch, due, now).await?);
                rest().await;
            }
            if stretch.seen < CHUNK || stretch.oldest.is_none_or(|made| made > youngest) {
                return Ok(());
            }
            after = stretch.last;
        }
    }

    async fn carry(&self, stretch: &Stretch, due: &Due, now: Timestamp) -> Result<BTreeMap<JobStatus, u64>, StoreError> {
        let tx = self.store.begin().await?;
        let archived = tx.job_archive().archive(stretch, due, now).await?;
        tx.commit().await?;
        Ok(archived)
    }

    async fn forget(&self, before: Timestamp, rest: &impl AsyncFn()) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let chunk = self.store.repos().job_archive().forget(before, CHUNK).await?;
            forgotten += chunk;
            if chunk < CHUNK {
                return Ok(forgotten);
            }
            rest().await;
        }
    }
}
