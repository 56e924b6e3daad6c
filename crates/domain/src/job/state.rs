//! The life of a job: which step leads from which state to which. Storage guards every step with the states this allows.

use super::JobStatus;

/// Something that happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Somebody sends a held job on its way, or moves the start of one that waits.
    Dispatch,
    /// A worker takes it under a lease.
    Claim,
    /// Its run succeeded.
    Complete,
    /// Its run failed in a way that another run would not mend.
    Fail,
    /// Its run failed and another may mend it.
    Retry,
    /// Its last attempt failed.
    Bury,
    /// It was stopped on request.
    Cancel,
    /// Its worker gives it back unfinished: it stops, or the job asked to wait.
    Release,
    /// Its lease ran out and somebody else takes it away from its worker.
    Expire,
    /// Somebody sends an ended job round again.
    Revive,
    /// Somebody deletes it.
    Delete,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] = &[
        Self::Dispatch,
        Self::Claim,
        Self::Complete,
        Self::Fail,
        Self::Retry,
        Self::Bury,
        Self::Cancel,
        Self::Release,
        Self::Expire,
        Self::Revive,
        Self::Delete,
    ];
}

/// What becomes of a job after a legal step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It is in this state.
    Is(JobStatus),
    /// It is no more.
    Gone,
}

impl JobStatus {
    /// Whether nothing more will happen to it by itself.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Pending | Self::Running | Self::Retrying => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Dead => true,
        }
    }

    /// What a step makes of a job in this state; `None` when the step is not legal here.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<After> {
        match self {
            Self::Pending | Self::Retrying => self.after_waiting(step),
            Self::Running => Self::after_running(step),
            Self::Failed | Self::Cancelled | Self::Dead if matches!(step, Step::Revive) => Some(After::Is(Self::Pending)),
            Self::Completed | Self::Failed | Self::Cancelled | Self::Dead => match step {
                Step::Delete => Some(After::Gone),
                Step::Dispatch
                | Step::Claim
                | Step::Complete
                | Step::Fail
                | Step::Retry
                | Step::Bury
                | Step::Cancel
                | Step::Release
                | Step::Revive
                | Step::Expire => None,
            },
        }
    }

    /// Whether a step is legal in this state.
    #[must_use]
    pub const fn allows(self, step: Step) -> bool {
        self.after(step).is_some()
    }

    /// The states in which a step is legal.
    #[must_use]
    pub fn allowing(step: Step) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|status| status.allows(step)).collect()
    }

    const fn after_waiting(self, step: Step) -> Option<After> {
        match step {
            Step::Dispatch => Some(After::Is(self)),
            Step::Claim => Some(After::Is(Self::Running)),
            Step::Cancel => Some(After::Is(Self::Cancelled)),
            Step::Delete => Some(After::Gone),
            Step::Complete | Step::Fail | Step::Retry | Step::Bury | Step::Release | Step::Expire | Step::Revive => None,
        }
    }

    const fn after_running(step: Step) -> Option<After> {
        match step {
            Step::Complete => Some(After::Is(Self::Completed)),
            Step::Fail => Some(After::Is(Self::Failed)),
            Step::Retry | Step::Release | Step::Expire => Some(After::Is(Self::Retrying)),
            Step::Bury => Some(After::Is(Self::Dead)),
            Step::Cancel => Some(After::Is(Self::Cancelled)),
            Step::Dispatch | Step::Claim | Step::Revive | Step::Delete => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole table, state by state: what each step makes of it. Everything not listed is illegal.
    const LEGAL: &[(JobStatus, Step, After)] = &[
        (JobStatus::Pending, Step::Dispatch, After::Is(JobStatus::Pending)),
        (JobStatus::Pending, Step::Claim, After::Is(JobStatus::Running)),
        (JobStatus::Pending, Step::Cancel, After::Is(JobStatus::Cancelled)),
        (JobStatus::Pending, Step::Delete, After::Gone),
        (JobStatus::Retrying, Step::Dispatch, After::Is(JobStatus::Retrying)),
        (JobStatus::Retrying, Step::Claim, After::Is(JobStatus::Running)),
        (JobStatus::Retrying, Step::Cancel, After::Is(JobStatus::Cancelled)),
        (JobStatus::Retrying, Step::Delete, After::Gone),
        (JobStatus::Running, Step::Complete, After::Is(JobStatus::Completed)),
        (JobStatus::Running, Step::Fail, After::Is(JobStatus::Failed)),
        (JobStatus::Running, Step::Retry, After::Is(JobStatus::Retrying)),
        (JobStatus::Running, Step::Bury, After::Is(JobStatus::Dead)),
        (JobStatus::Running, Step::Cancel, After::Is(JobStatus::Cancelled)),
        (JobStatus::Running, Step::Release, After::Is(JobStatus::Retrying)),
        (JobStatus::Running, Step::Expire, After::Is(JobStatus::Retrying)),
        (JobStatus::Failed, Step::Revive, After::Is(JobStatus::Pending)),
        (JobStatus::Cancelled, Step::Revive, After::Is(JobStatus::Pending)),
        (JobStatus::Dead, Step::Revive, After::Is(JobStatus::Pending)),
        (JobStatus::Completed, Step::Delete, After::Gone),
        (JobStatus::Failed, Step::Delete, After::Gone),
        (JobStatus::Cancelled, Step::Delete, After::Gone),
        (JobStatus::Dead, Step::Delete, After::Gone),
    ];

    #[test]
    fn only_the_listed_steps_are_legal() {
        for &status in JobStatus::ALL {
            for &step in Step::ALL {
                let listed = LEGAL.iter().find(|(from, by, _)| (*from, *by) == (status, step)).map(|(_, _, to)| *to);
                assert_eq!(status.after(step), listed, "{status} {step:?}");
            }
        }
    }

    #[test]
    fn the_states_that_allow_a_step_are_those_of_the_table() {
        assert_eq!(JobStatus::allowing(Step::Claim), [JobStatus::Pending, JobStatus::Retrying]);
        assert_eq!(JobStatus::allowing(Step::Complete), [JobStatus::Running]);
        assert!(!JobStatus::allowing(Step::Delete).contains(&JobStatus::Running));
    }

    proptest! {
        #[test]
        fn whatever_happens_an_ended_job_stays_ended_until_it_is_revived_and_only_a_claim_makes_it_run(steps in prop::collection::vec(0..Step::ALL.len(), 0..40)) {
            let mut status = JobStatus::Pending;
            for step in steps.into_iter().map(|n| Step::ALL[n]) {
                let Some(after) = status.after(step) else { continue };
                let After::Is(next) = after else { break };
                prop_assert!(!status.is_terminal() || step == Step::Revive, "{status} moved by {step:?}");
                prop_assert_eq!(next == JobStatus::Running, step == Step::Claim);
                status = next;
            }
        }
    }
}
