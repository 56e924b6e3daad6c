//! A research task and the files attached to it.

use crate::shared::{RepositoryId, TaskDocumentId, TaskId, TechnologyId, Timestamp};
use crate::text_enum;

use super::{FileKey, TaskState, TaskStatus};

text_enum! {
    /// What a task is for.
    TaskType {
        /// Finding something out.
        Research = "research",
        /// Testing a guess that belongs to no technology.
        AdHocHypothesis = "ad_hoc_hypothesis",
    }
}

text_enum! {
    /// What a list of tasks can be sorted by. Without a sort the last changed come first.
    TaskSort {
        /// When it last changed.
        UpdatedAt = "updated_at",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it is due; tasks without a date come as the database orders absent values, alike on both.
        DueDate = "due_date",
        /// Where it stands.
        Status = "status",
        /// How much of it is done.
        Progress = "progress_percentage",
        /// Its title.
        Title = "title",
    }
}

/// What people say of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// What is to be found out. 1 to 255 characters.
    pub title: String,
    /// More of that.
    pub description: Option<String>,
    /// What it is for.
    pub task_type: TaskType,
    /// The technology it is about.
    pub technology: Option<TechnologyId>,
    /// The repository it is about.
    pub repository: Option<RepositoryId>,
    /// Notes.
    pub user_notes: Option<String>,
    /// What was found out.
    pub findings: Option<String>,
    /// Who works on it; free text.
    pub assigned_to: Option<String>,
    /// When it is due.
    pub due_date: Option<Timestamp>,
    /// Hours it was thought to take.
    pub estimated_hours: Option<i32>,
    /// Hours it took.
    pub actual_hours: Option<i32>,
}

/// A research task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What people say of it.
    pub brief: Brief,
    /// How far it is.
    pub state: TaskState,
    /// How many files are attached.
    pub document_count: u64,
    /// Goes up with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A task with its due date, for short lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTask {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// When it is due.
    pub due_date: Timestamp,
}

/// Figures over tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskOverview {
    /// How many stand where; every status is there.
    pub by_status: Vec<(TaskStatus, u64)>,
    /// All of them.
    pub total: u64,
    /// How many are past their date and not over.
    pub overdue_count: u64,
    /// How many are due within the coming week and not held up.
    pub upcoming_count: u64,
    /// The longest overdue, at most five.
    pub overdue: Vec<DueTask>,
    /// The next due, at most five.
    pub upcoming: Vec<DueTask>,
}

/// A file attached to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDocument {
    /// Its id.
    pub id: TaskDocumentId,
    /// Its name, for people.
    pub filename: String,
    /// Its media type, as the client said.
    pub content_type: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Where its bytes are.
    pub key: FileKey,
    /// When it was attached.
    pub uploaded_at: Timestamp,
}

/// A file to attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Its name, for people.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Where its bytes are.
    pub key: FileKey,
}
