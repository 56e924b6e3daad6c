//! What clients say of a task, checked. One type serves creation (over a blank brief) and change (over the stored one).

use chrono::TimeDelta;

use crate::shared::{Checker, Invalid, Limits, Patch, RepositoryId, TechnologyId, Timestamp};

use super::{Brief, TaskState, TaskStatus, TaskType};

const MAX_TEXT: usize = 50_000;
const MAX_HOURS: i64 = 1_000_000;

/// Fields of a task as a client gave them.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Brief`")]
pub struct TaskInput {
    pub title: Patch<String>,
    pub description: Patch<String>,
    pub status: Patch<String>,
    pub task_type: Patch<String>,
    pub technology_id: Patch<i64>,
    pub repository_id: Patch<i64>,
    pub user_notes: Patch<String>,
    pub findings: Patch<String>,
    pub assigned_to: Patch<String>,
    pub due_date: Patch<String>,
    pub estimated_hours: Patch<i64>,
    pub actual_hours: Patch<i64>,
    pub progress_percentage: Patch<i64>,
}

impl Brief {
    /// A brief of which nothing is known, not even the title.
    #[must_use]
    pub const fn blank() -> Self {
        Self {
            title: String::new(),
            description: None,
            task_type: TaskType::Research,
            technology: None,
            repository: None,
            user_notes: None,
            findings: None,
            assigned_to: None,
            due_date: None,
            estimated_hours: None,
            actual_hours: None,
        }
    }
}

impl TaskInput {
    /// Brief and state that come of laying this input over what was.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Brief, state: TaskState, now: Timestamp) -> Result<(Brief, TaskState), Invalid> {
        let mut check = Checker::new();
        let c = &mut check;
        let state = moved(c, (self.status, self.progress_percentage), state, now);
        let brief = Brief {
            title: required(c, "title", self.title, base.title, |c, t| Some(c.line("title", &t, Limits { min: 1, max: 255 }))),
            description: block(c, "description", self.description, base.description),
            task_type: required(c, "task_type", self.task_type, base.task_type, |c, t| c.choice("task_type", &t, TaskType::parse)),
            technology: self.technology_id.apply(base.technology.map(TechnologyId::get)).map(TechnologyId::new),
            repository: self.repository_id.apply(base.repository.map(RepositoryId::get)).map(RepositoryId::new),
            user_notes: block(c, "user_notes", self.user_notes, base.user_notes),
            findings: block(c, "findings", self.findings, base.findings),
            assigned_to: optional(c, self.assigned_to, base.assigned_to, |c, t| c.optional_line("assigned_to", Some(&t), 255)),
            due_date: optional(c, self.due_date, base.due_date, |c, t| c.moment("due_date", &t)),
            estimated_hours: hours(c, "estimated_hours", self.estimated_hours, base.estimated_hours),
            actual_hours: hours(c, "actual_hours", self.actual_hours, base.actual_hours),
        };
        check.finish((brief, state))
    }
}

fn moved(check: &mut Checker, (status, progress): (Patch<String>, Patch<i64>), state: TaskState, now: Timestamp) -> TaskState {
    let status = wanted(check, "status", status, |c, t| c.choice("status", &t, TaskStatus::parse));
    let progress = wanted(check, "progress_percentage", progress, |c, n| i32::try_from(c.number("progress_percentage", n, (0, 100))).ok());
    match (status, progress) {
        (None, None) => state,
        (Some(status), None) => state.with_status(status, now),
        (None, Some(progress)) => state.with_progress(progress, now),
        (Some(status), Some(progress)) => state.with_both(status, progress, now).unwrap_or_else(|| {
            check.note("progress_percentage", "contradiction", "100 and the status `completed` go together");
            state
        }),
    }
}

fn wanted<T, U>(check: &mut Checker, field: &str, patch: Patch<T>, read: impl FnOnce(&mut Checker, T) -> Option<U>) -> Option<U> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => {
            check.note(field, "null", "must not be null");
            None
        }
        Patch::Set(value) => read(check, value),
    }
}

fn required<T, U>(check: &mut Checker, field: &str, patch: Patch<T>, base: U, read: impl FnOnce(&mut Checker, T) -> Option<U>) -> U {
    wanted(check, field, patch, read).unwrap_or(base)
}

fn optional<T, U>(check: &mut Checker, patch: Patch<T>, base: Option<U>, read: impl FnOnce(&mut Checker, T) -> Option<U>) -> Option<U> {
    match patch {
        Patch::Keep => base,
        Patch::Clear => None,
        Patch::Set(value) => read(check, value),
    }
}

fn block(check: &mut Checker, field: &str, patch: Patch<String>, base: Option<String>) -> Option<String> {
    optional(check, patch, base, |check, text| check.optional_block(field, Some(&text), MAX_TEXT))
}

fn hours(check: &mut Checker, field: &str, patch: Patch<i64>, base: Option<i32>) -> Option<i32> {
    optional(check, patch, base, |check, value| i32::try_from(check.number(field, value, (0, MAX_HOURS))).ok())
}

/// Which tasks are wanted; conditions combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// In this state.
    pub status: Option<TaskStatus>,
    /// About this technology.
    pub technology: Option<TechnologyId>,
    /// About this repository.
    pub repository: Option<RepositoryId>,
    /// Given to exactly this assignee.
    pub assigned_to: Option<String>,
    /// With words that begin like each word of this text.
    pub search: Option<String>,
    /// Due before this moment.
    pub due_before: Option<Timestamp>,
    /// Due at this moment or after.
    pub due_after: Option<Timestamp>,
}

/// Conditions as a client gave them.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in `TaskFilter`")]
pub struct TaskFilterInput<'a> {
    pub status: Option<&'a str>,
    pub technology_id: Option<i64>,
    pub repository_id: Option<i64>,
    pub assigned_to: Option<&'a str>,
    pub search: Option<&'a str>,
    pub due_before: Option<&'a str>,
    pub due_after: Option<&'a str>,
}

impl TaskFilter {
    /// Checks a client's conditions.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: &TaskFilterInput<'_>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let filter = Self {
            status: input.status.and_then(|text| check.choice("status", text, TaskStatus::parse)),
            technology: input.technology_id.map(TechnologyId::new),
            repository: input.repository_id.map(RepositoryId::new),
            assigned_to: check.optional_line("assigned_to", input.assigned_to, 255),
            search: check.optional_line("search", input.search, 200),
            due_before: check.optional_moment("due_before", input.due_before),
            due_after: check.optional_moment("due_after", input.due_after),
        };
        check.finish(filter)
    }
}

/// Open tasks by their date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueWindow {
    /// Past their date: pending, in progress or blocked.
    Overdue {
        /// The present.
        now: Timestamp,
    },
    /// Due from now until a moment: pending or in progress.
    Upcoming {
        /// The present.
        now: Timestamp,
        /// The last moment that counts.
        until: Timestamp,
    },
}

impl DueWindow {
    /// Days that the overview looks ahead.
    pub const WEEK: i64 = 7;

    /// Tasks that should have been done by now.
    #[must_use]
    pub const fn overdue(now: Timestamp) -> Self {
        Self::Overdue { now }
    }

    /// Tasks due within days from now.
    #[must_use]
    pub fn within(days: i64, now: Timestamp) -> Self {
        Self::Upcoming { now, until: now + TimeDelta::days(days.clamp(0, 366)) }
    }

    /// Tasks due within days from now, as a client asks for them.
    ///
    /// # Errors
    /// [`Invalid`] on `days`.
    pub fn parse(days: Option<i64>, now: Timestamp) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let days = check.number("days", days.unwrap_or(Self::WEEK), (1, 90));
        check.finish(Self::within(days, now))
    }

    /// The states whose tasks count.
    #[must_use]
    pub const fn statuses(self) -> &'static [TaskStatus] {
        match self {
            Self::Overdue { .. } => &[TaskStatus::Pending, TaskStatus::InProgress, TaskStatus::Blocked],
            Self::Upcoming { .. } => &[TaskStatus::Pending, TaskStatus::InProgress],
        }
    }
}
