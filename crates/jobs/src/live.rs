//! The runs under way, and how they are told to stop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commandcenter_domain::job::{Beat, Lease, StopReason};
use commandcenter_domain::shared::{JobId, Timestamp};
use tokio_util::sync::CancellationToken;

/// How one run is told to stop.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    token: CancellationToken,
    reason: Mutex<Option<StopReason>>,
}

impl Stop {
    /// Tells the run to stop. The first reason stays, but for the loss of the lease, which overrides any: then nothing may be written.
    pub(crate) fn tell(&self, reason: StopReason) {
        let mut held = lock(&self.reason);
        if held.is_none() || reason == StopReason::LeaseLost {
            *held = Some(reason);
        }
        drop(held);
        self.token.cancel();
    }

    pub(crate) fn reason(&self) -> Option<StopReason> {
        *lock(&self.reason)
    }

    pub(crate) fn is_told(&self) -> bool {
        self.token.is_cancelled()
    }

    pub(crate) async fn told(&self) {
        self.token.cancelled().await;
    }
}

#[derive(Debug)]
struct Held {
    stop: Arc<Stop>,
    until: Timestamp,
}

/// The runs under way, by job and claim: a lost run may still be ending while the same engine has claimed its job anew.
#[derive(Debug, Default)]
pub(crate) struct Live(Mutex<HashMap<(JobId, i64), Held>>);

impl Live {
    pub(crate) fn add(&self, lease: &Lease, until: Timestamp) -> Arc<Stop> {
        let stop = Arc::new(Stop::default());
        lock(&self.0).insert((lease.job, lease.fence), Held { stop: stop.clone(), until });
        stop
    }

    pub(crate) fn remove(&self, lease: &Lease) {
        lock(&self.0).remove(&(lease.job, lease.fence));
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }

    /// Until when the lease holds as far as this process knows.
    pub(crate) fn held_until(&self, lease: &Lease) -> Option<Timestamp> {
        lock(&self.0).get(&(lease.job, lease.fence)).map(|held| held.until)
    }

    /// The runs as they are now, for [`Live::beaten`].
    pub(crate) fn snapshot(&self) -> Vec<(JobId, i64)> {
        lock(&self.0).keys().copied().collect()
    }

    /// Takes in the answer to a heartbeat that was sent for `asked`: what is missing from it is lost. Runs that began since are
    /// not judged.
    pub(crate) fn beaten(&self, asked: &[(JobId, i64)], beats: &[Beat], until: Timestamp) {
        let mut runs = lock(&self.0);
        for key in asked {
            let Some(held) = runs.get_mut(key) else { continue };
            match beats.iter().find(|beat| (beat.job, beat.fence) == *key) {
                Some(beat) => {
                    held.until = until;
                    if beat.cancel_requested {
                        held.stop.tell(StopReason::Requested);
                    }
                }
                None => held.stop.tell(StopReason::LeaseLost),
            }
        }
    }

    /// Stops the runs whose leases ran out unextended: somebody else may run their jobs by now.
    pub(crate) fn lapse(&self, now: Timestamp) {
        lock(&self.0).values().filter(|held| held.until <= now).for_each(|held| held.stop.tell(StopReason::LeaseLost));
    }

    /// Stops the runs of these jobs.
    pub(crate) fn stop(&self, jobs: &[JobId], reason: StopReason) {
        lock(&self.0).iter().filter(|((job, _), _)| jobs.contains(job)).for_each(|(_, held)| held.stop.tell(reason));
    }

    /// Stops every run.
    pub(crate) fn stop_all(&self, reason: StopReason) {
        lock(&self.0).values().for_each(|held| held.stop.tell(reason));
    }

    pub(crate) fn runs(&self, job: JobId) -> bool {
        lock(&self.0).keys().any(|(live, _)| *live == job)
    }
}

/// No code panics while it holds these locks, so a poisoned one is still sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
