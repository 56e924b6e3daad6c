//! The queue as the engine sees it: leases over jobs of every project.

use async_trait::async_trait;

use crate::shared::{JobId, ProjectId, StoreError, Timestamp};

use super::{AttemptOutcome, Ending, Items, Job, JobKind, NewLogLine, QueueName, Trouble};

/// Proof that a run holds a job. **Invariant:** made by a claim. `fence` goes up with every claim of the job, so that of all runs that
/// ever held it only the last one's writes are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Whose it is.
    pub project: ProjectId,
    /// The engine that claimed it.
    pub owner: String,
    /// Which claim of the job it was.
    pub fence: i64,
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// As it stands after the claim.
    pub job: Job,
    /// The right to write it.
    pub lease: Lease,
}

/// What an engine wants to claim.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The engine.
    pub owner: &'a str,
    /// The queue.
    pub queue: QueueName,
    /// The project whose turn was last: those after it come first, so that all get their share.
    pub after: ProjectId,
    /// The kinds it can handle; others are left alone.
    pub kinds: &'a [JobKind],
    /// The present.
    pub now: Timestamp,
    /// Until when the leases hold.
    pub until: Timestamp,
    /// Most jobs.
    pub limit: u64,
}

/// A lease after a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// The job.
    pub job: JobId,
    /// Which claim of it.
    pub fence: i64,
    /// Whether somebody asked for it to stop.
    pub cancel_requested: bool,
}

/// Whether a write under a lease was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was.
    Yes,
    /// The lease is no longer the run's: nothing was written.
    LeaseLost,
}

/// What a run wants kept about its progress.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it works through.
    pub items: Items,
    /// Percent done, 0 to 100.
    pub percent: i32,
    /// What is being done.
    pub step: Option<String>,
}

/// A run and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Settling {
    /// The right to write it.
    pub lease: Lease,
    /// How it ended.
    pub ending: Ending,
    /// What it said of its progress last, unless that is kept already.
    pub last: Option<Progress>,
}

/// An ended attempt, for the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The job.
    pub job: JobId,
    /// Whose it is.
    pub project: ProjectId,
    /// The queue it came from.
    pub queue: QueueName,
    /// Which claim of the job it was.
    pub fence: i64,
    /// Which attempt it counted as.
    pub number: i32,
    /// The engine that ran it.
    pub worker: String,
    /// When it might have begun; `None` when nobody knows any more.
    pub ready_at: Option<Timestamp>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How.
    pub outcome: AttemptOutcome,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

impl Recorded {
    /// The attempt of a job as it was claimed.
    #[must_use]
    pub fn of(claimed: &Claimed, ending: &Ending, at: Timestamp) -> Self {
        let Claimed { job, lease } = claimed;
        let (outcome, trouble) = ending.outcome();
        Self {
            job: job.id,
            project: job.project,
            queue: job.queue,
            fence: lease.fence,
            number: job.attempt,
            worker: lease.owner.clone(),
            ready_at: job.run_at,
            started_at: job.attempt_started_at.unwrap_or(at),
            ended_at: at,
            outcome,
            trouble: trouble.cloned(),
        }
    }

    /// The attempt of a job that was just taken away from a silent worker.
    #[must_use]
    pub fn lost(job: &Job, at: Timestamp) -> Self {
        let text = job.error.clone().unwrap_or_default();
        Self {
            job: job.id,
            project: job.project,
            queue: job.queue,
            fence: job.fence,
            number: job.attempt,
            worker: job.worker.clone().unwrap_or_default(),
            ready_at: None,
            started_at: job.attempt_started_at.unwrap_or(at),
            ended_at: at,
            outcome: AttemptOutcome::LeaseLost,
            trouble: Some(Trouble::new(text, "lease_lost")),
        }
    }
}

/// What an engine learns from a look at the queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// Queues that hold ready jobs and are not paused.
    pub ready: Vec<QueueName>,
    /// The next moment at which a job becomes ready or a lease runs out.
    pub next: Option<Timestamp>,
}

/// How many jobs wait and run, over all projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Jobs that may start now.
    pub ready: u64,
    /// Jobs under a lease.
    pub running: u64,
    /// Jobs that start later.
    pub delayed: u64,
}

/// Leases over jobs. Every write under a lease is refused once the lease is somebody else's.
#[async_trait]
pub trait JobLedger: Send + Sync {
    /// Takes ready jobs of a queue under leases: the projects in turn, and within each by rank ([`super::rank`]). One statement: no job
    /// goes to two claims, and of jobs with an exclusive key no more run than it allows. In the order of the turns.
    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Claimed>, StoreError>;
    /// Which queues to claim from, and when to look again.
    async fn look(&self, now: Timestamp) -> Result<Look, StoreError>;
    /// Extends those of an owner's leases that it still holds, and gives them back; those missing are lost.
    async fn extend(&self, owner: &str, jobs: &[JobId], until: Timestamp) -> Result<Vec<Beat>, StoreError>;
    /// The jobs held by an owner that somebody asked to stop.
    async fn cancel_requested(&self, owner: &str) -> Result<Vec<JobId>, StoreError>;
    /// Keeps a run's progress.
    async fn progress(&self, lease: &Lease, progress: &Progress) -> Result<Written, StoreError>;
    /// Adds to a run's log.
    async fn log(&self, lease: &Lease, lines: &[NewLogLine]) -> Result<Written, StoreError>;
    /// Writes how runs ended and their last progress, all in a few statements. A job that was asked to stop is cancelled rather than
    /// queued again. Gives the jobs as they stand; those whose leases are lost are missing. For use within a transaction.
    async fn settle(&self, ended: &[Settling], at: Timestamp) -> Result<Vec<Job>, StoreError>;
    /// Adds ended attempts to the history. For use within the transaction that ended them.
    async fn record(&self, attempts: &[Recorded]) -> Result<(), StoreError>;
    /// Counts ended children off their parents, which may start when none is left; live ones among `children` are left out. Gives the
    /// parents as they stand. For use within the transaction that ended the children.
    async fn children_ended(&self, children: &[&Job]) -> Result<Vec<Job>, StoreError>;
    /// Takes jobs away from owners whose leases ran out: back to the queue, or to their end when attempts ran out or somebody asked.
    async fn reap(&self, now: Timestamp) -> Result<Vec<Job>, StoreError>;
    /// How full the queue is.
    async fn depth(&self, now: Timestamp) -> Result<QueueDepth, StoreError>;
}
