//! What clients see of research tasks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commandcenter_domain::research::{Brief, DueTask, Task, TaskDocument, TaskOverview, TaskStatus, TaskType};
use commandcenter_domain::shared::{RepositoryId, TaskDocumentId, TaskId, TechnologyId};
use serde::Serialize;
use utoipa::ToSchema;

/// A research task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskView {
    #[schema(value_type = i64)]
    pub(super) id: TaskId,
    title: String,
    description: Option<String>,
    /// `pending`, `in_progress`, `blocked`, `completed` or `cancelled`.
    #[schema(value_type = String)]
    status: TaskStatus,
    /// `research` or `ad_hoc_hypothesis`.
    #[schema(value_type = String)]
    task_type: TaskType,
    #[schema(value_type = Option<i64>)]
    technology_id: Option<TechnologyId>,
    #[schema(value_type = Option<i64>)]
    repository_id: Option<RepositoryId>,
    user_notes: Option<String>,
    findings: Option<String>,
    assigned_to: Option<String>,
    due_date: Option<DateTime<Utc>>,
    estimated_hours: Option<i32>,
    actual_hours: Option<i32>,
    progress_percentage: i32,
    /// Set exactly when the task is completed.
    completed_at: Option<DateTime<Utc>>,
    document_count: u64,
    /// Goes up with every change; the `ETag` is this number in quotes.
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let Task { id, brief, state, document_count, version, created_at, updated_at } = task;
        let Brief {
            title,
            description,
            task_type,
            technology,
            repository,
            user_notes,
            findings,
            assigned_to,
            due_date,
            estimated_hours,
            actual_hours,
        } = brief;
        Self {
            id,
            title,
            description,
            status: state.status(),
            task_type,
            technology_id: technology,
            repository_id: repository,
            user_notes,
            findings,
            assigned_to,
            due_date,
            estimated_hours,
            actual_hours,
            progress_percentage: state.progress(),
            completed_at: state.completed_at(),
            document_count,
            version,
            created_at,
            updated_at,
        }
    }
}

/// A task with its date.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct DueTaskView {
    #[schema(value_type = i64)]
    id: TaskId,
    title: String,
    due_date: DateTime<Utc>,
}

impl From<DueTask> for DueTaskView {
    fn from(task: DueTask) -> Self {
        let DueTask { id, title, due_date } = task;
        Self { id, title, due_date }
    }
}

/// Figures over tasks.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct OverviewView {
    /// How many stand where; every status is there.
    #[schema(value_type = BTreeMap<String, u64>)]
    by_status: BTreeMap<&'static str, u64>,
    total: u64,
    /// Open and past their date.
    overdue_count: u64,
    /// Due within seven days and not held up.
    upcoming_count: u64,
    /// The longest overdue, at most five.
    overdue_tasks: Vec<DueTaskView>,
    /// The next due, at most five.
    upcoming_tasks: Vec<DueTaskView>,
}

impl From<TaskOverview> for OverviewView {
    fn from(overview: TaskOverview) -> Self {
        let TaskOverview { by_status, total, overdue_count, upcoming_count, overdue, upcoming } = overview;
        Self {
            by_status: by_status.into_iter().map(|(status, count)| (status.as_str(), count)).collect(),
            total,
            overdue_count,
            upcoming_count,
            overdue_tasks: overdue.into_iter().map(DueTaskView::from).collect(),
            upcoming_tasks: upcoming.into_iter().map(DueTaskView::from).collect(),
        }
    }
}

/// A file attached to a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskDocumentView)]
pub(super) struct DocumentView {
    #[schema(value_type = i64)]
    id: TaskDocumentId,
    filename: String,
    content_type: String,
    /// In bytes.
    size: u64,
    /// In hexadecimal.
    sha256: String,
    uploaded_at: DateTime<Utc>,
}

impl From<TaskDocument> for DocumentView {
    fn from(document: TaskDocument) -> Self {
        let TaskDocument { id, filename, content_type, size, sha256, key: _, uploaded_at } = document;
        Self { id, filename, content_type, size, sha256, uploaded_at }
    }
}

/// Every file of a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskDocumentsView)]
pub(super) struct DocumentsView {
    pub(super) documents: Vec<DocumentView>,
}
