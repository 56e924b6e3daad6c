//! Which schedules a list is to hold, and in which order.

use crate::job::JobKind;
use crate::shared::{Checker, Invalid};
use crate::text_enum;

use super::Frequency;

text_enum! {
    /// What a list of schedules can be sorted by. Without a sort the newest come first.
    ScheduleSort {
        /// When it was made.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
        /// When it fires next.
        NextRunAt = "next_run_at",
        /// When it last ran.
        LastRunAt = "last_run_at",
        /// Its name.
        Name = "name",
    }
}

/// Conditions that combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleFilter {
    /// Those that are enabled, or those that are not.
    pub enabled: Option<bool>,
    /// Those whose jobs are of this kind.
    pub task: Option<JobKind>,
    /// Those of this frequency.
    pub frequency: Option<Frequency>,
}

/// Conditions as a client gave them.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API")]
pub struct ScheduleFilterInput<'a> {
    pub enabled: Option<bool>,
    pub task_type: Option<&'a str>,
    pub frequency: Option<&'a str>,
}

impl ScheduleFilter {
    /// Checks a client's conditions.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: ScheduleFilterInput<'_>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let filter = Self {
            enabled: input.enabled,
            task: input.task_type.and_then(|text| check.choice("task_type", text, JobKind::parse)),
            frequency: input.frequency.and_then(|text| check.choice("frequency", text, Frequency::parse)),
        };
        check.finish(filter)
    }
}
