//! How far a task is. Status, progress and completion move together here, whichever door a change comes through.

use crate::shared::Timestamp;
use crate::text_enum;

text_enum! {
    /// Where a task stands.
    TaskStatus {
        /// Not begun.
        Pending = "pending",
        /// Under way.
        InProgress = "in_progress",
        /// Waiting for something.
        Blocked = "blocked",
        /// Done.
        Completed = "completed",
        /// Given up.
        Cancelled = "cancelled",
    }
}

/// How far a task is. **Invariant:** completed, 100 per cent and a time of completion come together or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskState {
    status: TaskStatus,
    progress: i32,
    completed_at: Option<Timestamp>,
}

impl TaskState {
    /// How every task begins.
    pub const NEW: Self = Self { status: TaskStatus::Pending, progress: 0, completed_at: None };
    /// Progress of a completed task.
    pub const DONE: i32 = 100;

    /// A state that storage kept; `None` when it breaks the invariant.
    #[must_use]
    pub fn stored(status: TaskStatus, progress: i32, completed_at: Option<Timestamp>) -> Option<Self> {
        let done = status == TaskStatus::Completed;
        let fits = (0..=Self::DONE).contains(&progress) && done == (progress == Self::DONE) && done == completed_at.is_some();
        fits.then_some(Self { status, progress, completed_at })
    }

    /// The state after a change of status: completing makes it 100 per cent, leaving completion begins anew at 0.
    #[must_use]
    pub fn with_status(self, status: TaskStatus, now: Timestamp) -> Self {
        if status == TaskStatus::Completed {
            return self.completed(now);
        }
        let progress = if self.progress == Self::DONE { 0 } else { self.progress };
        Self { status, progress, completed_at: None }
    }

    /// The state after a change of progress: 100 per cent completes, less than that reopens a completed task.
    #[must_use]
    pub fn with_progress(self, progress: i32, now: Timestamp) -> Self {
        if progress >= Self::DONE {
            return self.completed(now);
        }
        let status = if self.status == TaskStatus::Completed { TaskStatus::InProgress } else { self.status };
        Self { status, progress: progress.max(0), completed_at: None }
    }

    /// The state after a change of both; `None` when they contradict each other.
    #[must_use]
    pub fn with_both(self, status: TaskStatus, progress: i32, now: Timestamp) -> Option<Self> {
        let done = status == TaskStatus::Completed;
        (done == (progress == Self::DONE)).then(|| self.with_status(status, now).with_progress(progress, now))
    }

    fn completed(self, now: Timestamp) -> Self {
        Self { status: TaskStatus::Completed, progress: Self::DONE, completed_at: self.completed_at.or(Some(now)) }
    }

    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> TaskStatus {
        self.status
    }

    /// How much of it is done, 0 to 100.
    #[must_use]
    pub const fn progress(&self) -> i32 {
        self.progress
    }

    /// When it was completed.
    #[must_use]
    pub const fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn every_way_to_completion_sets_the_time_once() {
        let by_status = TaskState::NEW.with_status(TaskStatus::Completed, at(1));
        let by_progress = TaskState::NEW.with_progress(100, at(1));
        let by_both = TaskState::NEW.with_both(TaskStatus::Completed, 100, at(1)).unwrap();
        assert!(by_status == by_progress && by_progress == by_both);
        assert_eq!(by_status.completed_at(), Some(at(1)));
        assert_eq!(by_status.with_status(TaskStatus::Completed, at(2)).completed_at(), Some(at(1)));
    }

    #[test]
    fn leaving_completion_clears_it() {
        let done = TaskState::NEW.with_progress(100, at(1));
        let reopened = done.with_progress(40, at(2));
        assert_eq!((reopened.status(), reopened.progress(), reopened.completed_at()), (TaskStatus::InProgress, 40, None));
        let blocked = done.with_status(TaskStatus::Blocked, at(2));
        assert_eq!((blocked.status(), blocked.progress(), blocked.completed_at()), (TaskStatus::Blocked, 0, None));
    }

    #[test]
    fn every_step_keeps_the_invariant_and_contradictions_are_refused() {
        let mut states = vec![TaskState::NEW];
        for status in TaskStatus::ALL {
            for progress in [0, 1, 99, 100] {
                states.extend(TaskState::NEW.with_both(*status, progress, at(1)));
            }
        }
        for state in &states {
            let next = TaskStatus::ALL.iter().map(|status| state.with_status(*status, at(2)));
            for after in next.chain([0, 50, 100].map(|progress| state.with_progress(progress, at(2)))) {
                assert_eq!(TaskState::stored(after.status(), after.progress(), after.completed_at()), Some(after));
            }
        }
        assert_eq!(TaskState::NEW.with_both(TaskStatus::Completed, 50, at(1)), None);
        assert_eq!(TaskState::NEW.with_both(TaskStatus::Blocked, 100, at(1)), None);
    }
}
