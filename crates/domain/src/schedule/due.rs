//! What a schedule whose time has come is to do: a pure function of it and the moment.

use chrono::TimeDelta;

use crate::shared::Timestamp;

use super::{Misfire, Schedule};

/// A fire that is looked at later than this was missed: no scheduler was there to see it.
pub const MISFIRE_GRACE: TimeDelta = TimeDelta::seconds(60);

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// Fire times to run, oldest first.
    pub fires: Vec<Timestamp>,
    /// The last fire time that is passed over, when none runs.
    pub passed_over: Option<Timestamp>,
    /// The first fire time that is still to come; `None` when none is.
    pub next: Option<Timestamp>,
}

impl Schedule {
    /// What is to be done at a moment. Nothing, and no change of the next fire, while it is still to come.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let Some(first) = self.next_run_at.filter(|first| *first <= now) else {
            return Due { next: self.next_run_at, ..Due::default() };
        };
        let count = match self.plan.misfire {
            Misfire::RunOnce | Misfire::Skip => 1,
            Misfire::CatchUp => usize::try_from(self.plan.catch_up_limit).unwrap_or(1),
        };
        let mut fires = self.plan.timing.last_fires(first, now, self.created_at, count);
        if fires.is_empty() {
            // The zone's rules changed since the time was computed. It was promised, so it is kept.
            fires.push(first);
        }
        let missed = fires.last().copied().filter(|last| now - *last > MISFIRE_GRACE);
        let next = self.next_after(now);
        match (self.plan.misfire, missed) {
            (Misfire::Skip, Some(last)) => Due { fires: Vec::new(), passed_over: Some(last), next },
            (Misfire::Skip | Misfire::RunOnce | Misfire::CatchUp, _) => Due { fires, passed_over: None, next },
        }
    }
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
