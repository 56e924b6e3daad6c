//! The queue as it is meant to be, in a few lines: no SQL, no leases but what they mean.

use std::collections::{BTreeMap, BTreeSet};

use commandcenter_domain::job::{Ending, Job, JobStatus, Lease, NewJob, Step};
use commandcenter_domain::shared::{JobId, Timestamp};

/// A job as the model knows it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) status: JobStatus,
    pub(super) fence: i64,
    pub(super) attempt: i32,
    pub(super) max_attempts: i32,
    pub(super) cancel_requested: bool,
    /// Who holds it, and until when.
    pub(super) held: Option<(String, Timestamp)>,
    pub(super) run_at: Option<Timestamp>,
    pub(super) unique: Option<String>,
    /// Its exclusive key, and how many may run under it.
    pub(super) key: Option<(String, i32)>,
    pub(super) parent: Option<JobId>,
    pub(super) open: i32,
    /// Children that completed, and that ended otherwise.
    pub(super) ended: (i32, i32),
}

impl Known {
    fn new(new: &NewJob) -> Self {
        Self {
            status: JobStatus::Pending,
            fence: 0,
            attempt: 0,
            max_attempts: new.max_attempts,
            cancel_requested: false,
            held: None,
            run_at: new.run_at,
            unique: new.unique_key.clone(),
            key: new.exclusive_key.clone().map(|key| (key, new.key_limit)),
            parent: new.parent,
            open: new.open_children,
            ended: (0, 0),
        }
    }

    pub(super) fn is_live(&self) -> bool {
        !self.status.is_terminal()
    }

    fn ends(&mut self, status: JobStatus) {
        (self.status, self.held) = (status, None);
    }

    /// Back to the queue, unless somebody asked for it to stop.
    fn waits(&mut self, at: Timestamp) {
        self.ends(if self.cancel_requested { JobStatus::Cancelled } else { JobStatus::Retrying });
        self.run_at = Some(at);
    }
}

/// The queue as it is meant to be.
#[derive(Debug, Default)]
pub(super) struct Model(pub(super) BTreeMap<JobId, Known>);

impl Model {
    pub(super) fn adds(&mut self, id: JobId, new: &NewJob) {
        self.0.insert(id, Known::new(new));
    }

    pub(super) fn get(&mut self, id: JobId) -> &mut Known {
        self.0.get_mut(&id).unwrap()
    }

    pub(super) fn children(&self, id: JobId) -> impl Iterator<Item = (JobId, &Known)> {
        self.0.iter().filter(move |(_, one)| one.parent == Some(id)).map(|(id, one)| (*id, one))
    }

    pub(super) fn live_with(&self, unique: &str) -> Option<JobId> {
        self.0.iter().find(|(_, one)| one.is_live() && one.unique.as_deref() == Some(unique)).map(|(id, _)| *id)
    }

    pub(super) fn running_under(&self, key: &str) -> usize {
        self.0.values().filter(|one| one.status == JobStatus::Running && one.key.as_ref().is_some_and(|(own, _)| own == key)).count()
    }

    /// Whether a lease still holds.
    pub(super) fn holds(&self, lease: &Lease) -> bool {
        let job = self.0.get(&lease.job);
        job.is_some_and(|job| job.fence == lease.fence && job.held.as_ref().is_some_and(|(owner, _)| *owner == lease.owner))
    }

    /// Whether a claim may take a job.
    pub(super) fn is_claimable(&self, id: JobId, now: Timestamp) -> bool {
        let job = &self.0[&id];
        let has_room = job.key.as_ref().is_none_or(|(key, limit)| self.running_under(key) < usize::try_from(*limit).unwrap());
        job.status.allows(Step::Claim) && job.run_at.is_some_and(|at| at <= now) && job.open == 0 && has_room
    }

    pub(super) fn claims(&mut self, lease: &Lease, until: Timestamp) {
        let job = self.get(lease.job);
        job.status = JobStatus::Running;
        job.fence += 1;
        job.attempt += 1;
        job.held = Some((lease.owner.clone(), until));
    }

    /// Takes jobs whose leases ran out from their owners; which.
    pub(super) fn reaps(&mut self, now: Timestamp) -> BTreeSet<JobId> {
        let lapsed = |job: &Known| job.held.as_ref().is_some_and(|(_, until)| *until <= now);
        let ids: BTreeSet<_> = self.0.iter().filter(|(_, job)| lapsed(job)).map(|(id, _)| *id).collect();
        for id in &ids {
            let job = self.get(*id);
            job.waits(now);
            if job.status == JobStatus::Retrying && job.attempt >= job.max_attempts {
                job.ends(JobStatus::Dead);
            }
        }
        ids
    }

    pub(super) fn settles(&mut self, id: JobId, ending: &Ending) {
        let job = self.get(id);
        match ending {
            Ending::Completed(_) => job.ends(JobStatus::Completed),
            Ending::Failed(_) => job.ends(JobStatus::Failed),
            Ending::Dead(_) => job.ends(JobStatus::Dead),
            Ending::Cancelled => job.ends(JobStatus::Cancelled),
            Ending::Retry(_, at) => job.waits(*at),
            Ending::Wait(_, at) | Ending::Released(at) => {
                job.waits(*at);
                job.attempt -= 1;
            }
        }
    }

    /// Ends what waits, asks what runs.
    pub(super) fn cancels(&mut self, id: JobId) {
        let job = self.get(id);
        job.cancel_requested = true;
        if job.status != JobStatus::Running {
            job.ends(JobStatus::Cancelled);
        }
    }

    /// Counts jobs that have ended off their parents; which parents.
    pub(super) fn counts_off(&mut self, ended: &BTreeSet<JobId>) -> BTreeSet<JobId> {
        let mut parents = BTreeSet::new();
        for id in ended {
            let (parent, status) = (self.get(*id).parent, self.get(*id).status);
            if let Some(parent) = parent.filter(|_| status.is_terminal()) {
                let counts = self.get(parent);
                counts.open -= 1;
                *if status == JobStatus::Completed { &mut counts.ended.0 } else { &mut counts.ended.1 } += 1;
                parents.insert(parent);
            }
        }
        parents
    }

    /// Whether an ended job may live again: of those with one unique key the youngest, while none of them lives.
    pub(super) fn may_revive(&self, id: JobId) -> bool {
        let job = &self.0[&id];
        let others = |other: &Known| other.unique.is_some() && other.unique == job.unique;
        let is_barred =
            |(one, other): (&JobId, &Known)| others(other) && (other.is_live() || (*one > id && other.status.allows(Step::Revive)));
        job.status.allows(Step::Revive) && !self.0.iter().any(is_barred)
    }

    pub(super) fn revives(&mut self, id: JobId, now: Timestamp) {
        let job = self.get(id);
        (job.status, job.attempt, job.cancel_requested) = (JobStatus::Pending, 0, false);
        (job.run_at, job.ended) = (Some(now), (0, 0));
    }

    /// Counts the children of a job anew, if it has any.
    pub(super) fn recounts(&mut self, id: JobId) {
        let (mut open, mut done, mut failed) = (0, 0, 0);
        for (_, child) in self.children(id) {
            *if child.is_live() {
                &mut open
            } else if child.status == JobStatus::Completed {
                &mut done
            } else {
                &mut failed
            } += 1;
        }
        if open + done + failed > 0 {
            let job = self.get(id);
            (job.open, job.ended) = (open, (done, failed));
        }
    }

    /// Whether a row is as the model has it.
    pub(super) fn agrees(&self, row: &Job) -> bool {
        let Some(job) = self.0.get(&row.id) else { return false };
        let holder = job.held.as_ref().map(|(owner, _)| owner);
        (row.status, row.fence, row.attempt, row.max_attempts) == (job.status, job.fence, job.attempt, job.max_attempts)
            && (row.cancel_requested, row.run_at, row.open_children) == (job.cancel_requested, job.run_at, job.open)
            && (row.items.done, row.items.failed) == job.ended
            && (row.status != JobStatus::Running || row.worker.as_ref() == holder)
            && row.completed_at.is_some() == row.status.is_terminal()
    }
}
