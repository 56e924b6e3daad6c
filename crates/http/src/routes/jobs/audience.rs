//! The watchers of a job in this process share what they are told: one subscription to signals, one read of the row for each change, and
//! one text for each frame, however many they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytestring::ByteString;
use commandcenter_domain::job::{Job, JobStatus};
use commandcenter_domain::shared::JobId;
use tokio::sync::{Notify, watch};

use super::frame::Frame;
use super::reader::{Reader, Source};

/// What the watchers of a job are told. Only the newest is kept: who reads slowly misses what was in between and holds up nobody.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// The job as its watchers know it.
    pub(super) job: Arc<Job>,
    /// The `progress` frame that says so.
    pub(super) progress: ByteString,
    /// Why nothing more will be told.
    pub(super) end: Option<Ended>,
}

/// Why a job is followed no further.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    /// It ended; this is the `completed` frame.
    Done(ByteString),
    /// It was deleted.
    Deleted,
}

impl Told {
    /// What a row tells.
    ///
    /// # Errors
    /// When a frame cannot be written.
    pub(super) fn of(job: Job) -> Result<Self, serde_json::Error> {
        let progress = Frame::progress(&job).text()?;
        let end = if job.status.is_terminal() { Some(Ended::Done(Frame::completed(&job).text()?)) } else { None };
        Ok(Self { job: Arc::new(job), progress, end })
    }
}

/// The jobs that are followed in this process. A job is in it from its first watcher to its last, or to its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Audiences(Arc<Mutex<HashMap<JobId, Audience>>>);

/// The watchers of one job.
#[derive(Debug, Clone)]
struct Audience {
    told: watch::Sender<Told>,
    /// Tells the reader to look at the row again.
    review: Arc<Notify>,
}

impl Audiences {
    /// Joins those who follow a job, whose row the caller was just allowed to read. The source is used by the first watcher only; its
    /// signals must have begun before that read, so that no change falls between.
    ///
    /// # Errors
    /// When a frame cannot be written.
    pub(super) fn join(&self, job: Job, source: Source) -> Result<watch::Receiver<Told>, serde_json::Error> {
        let (id, state) = (job.id, state(&job));
        let mut held = self.lock();
        if let Some(audience) = held.get(&id).filter(|_| !job.status.is_terminal()) {
            let seat = audience.told.subscribe();
            // The word of a change is still under way, or was lost: all are brought up to date.
            if self::state(&seat.borrow().job) != state {
                audience.review.notify_one();
            }
            return Ok(seat);
        }
        let (told, seat) = watch::channel(Told::of(job)?);
        // Of a job that has ended nothing more will come.
        if seat.borrow().end.is_none() {
            let review = Arc::new(Notify::new());
            held.insert(id, Audience { told: told.clone(), review: review.clone() });
            tokio::spawn(Reader::new(self.clone(), (told, review), source).run());
        }
        drop(held);
        Ok(seat)
    }

    /// Ends an audience with its last word. Whoever opens the job from now on reads its row.
    pub(super) fn end(&self, told: &watch::Sender<Told>, last: Told) {
        let mut held = self.lock();
        forget(&mut held, told);
        told.send_replace(last);
    }

    /// Ends an audience that has no watchers; whether it had none.
    pub(super) fn dissolve(&self, told: &watch::Sender<Told>) -> bool {
        let mut held = self.lock();
        // Somebody may have joined since the last one left.
        let is_empty = told.receiver_count() == 0;
        if is_empty {
            forget(&mut held, told);
        }
        is_empty
    }

    /// Ends an audience whose reader ended without a last word.
    pub(super) fn abandon(&self, told: &watch::Sender<Told>) {
        forget(&mut self.lock(), told);
    }

    /// No code panics while it holds this lock, so a poisoned one is still sound.
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Audience>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }
}

/// Which run of the job it is, and how that stands.
fn state(job: &Job) -> (JobStatus, i64) {
    (job.status, job.fence)
}

/// Removes this audience, not one that took its place.
fn forget(held: &mut HashMap<JobId, Audience>, told: &watch::Sender<Told>) {
    let id = told.borrow().job.id;
    if held.get(&id).is_some_and(|audience| audience.told.same_channel(told)) {
        held.remove(&id);
    }
}
