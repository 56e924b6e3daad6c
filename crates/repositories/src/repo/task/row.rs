//! From rows to tasks and back.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{Brief, FileKey, Task, TaskDocument, TaskState, TaskStatus, TaskType};
use commandcenter_domain::shared::{RepositoryId, TaskDocumentId, TaskId, TechnologyId, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::FromQueryResult;

use crate::entity::research_task::{ActiveModel, Model};
use crate::entity::task_document;

/// A row with the number of its documents, and the list's total where there is a list.
#[derive(FromQueryResult)]
pub(super) struct Counted {
    #[sea_orm(nested)]
    pub(super) row: Model,
    pub(super) document_count: i64,
}

pub(super) fn inserted(scope: &ProjectScope, brief: &Brief, state: TaskState, at: Timestamp) -> ActiveModel {
    ActiveModel {
        project_id: Set(scope.project().get()),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
        ..described(brief.clone(), state)
    }
}

pub(super) fn updated(task: &Task) -> ActiveModel {
    ActiveModel { version: Set(task.version), updated_at: Set(task.updated_at), ..described(task.brief.clone(), task.state) }
}

fn described(brief: Brief, state: TaskState) -> ActiveModel {
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
    ActiveModel {
        id: NotSet,
        project_id: NotSet,
        technology_id: Set(technology.map(TechnologyId::get)),
        repository_id: Set(repository.map(RepositoryId::get)),
        title: Set(title),
        description: Set(description),
        status: Set(state.status().as_str().to_owned()),
        task_type: Set(task_type.as_str().to_owned()),
        user_notes: Set(user_notes),
        findings: Set(findings),
        assigned_to: Set(assigned_to),
        due_date: Set(due_date),
        completed_at: Set(state.completed_at()),
        progress_percentage: Set(state.progress()),
        estimated_hours: Set(estimated_hours),
        actual_hours: Set(actual_hours),
        version: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
    }
}

impl TryFrom<Counted> for Task {
    type Error = String;

    fn try_from(Counted { row, document_count }: Counted) -> Result<Self, String> {
        let id = row.id;
        let status = TaskStatus::parse(&row.status).ok_or_else(|| format!("task {id}: unknown status"))?;
        let state = TaskState::stored(status, row.progress_percentage, row.completed_at)
            .ok_or_else(|| format!("task {id}: contradictory state"))?;
        let brief = Brief {
            title: row.title,
            description: row.description,
            task_type: TaskType::parse(&row.task_type).ok_or_else(|| format!("task {id}: unknown type"))?,
            technology: row.technology_id.map(TechnologyId::new),
            repository: row.repository_id.map(RepositoryId::new),
            user_notes: row.user_notes,
            findings: row.findings,
            assigned_to: row.assigned_to,
            due_date: row.due_date,
            estimated_hours: row.estimated_hours,
            actual_hours: row.actual_hours,
        };
        let document_count = u64::try_from(document_count).map_err(|err| err.to_string())?;
        Ok(Self {
            id: TaskId::new(id),
            brief,
            state,
            document_count,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<task_document::Model> for TaskDocument {
    type Error = String;

    fn try_from(row: task_document::Model) -> Result<Self, String> {
        let task_document::Model { id, project_id: _, task_id: _, filename, content_type, size, sha256, file_key, uploaded_at } = row;
        let size = u64::try_from(size).map_err(|err| format!("document {id}: {err}"))?;
        Ok(Self { id: TaskDocumentId::new(id), filename, content_type, size, sha256, key: FileKey::stored(file_key), uploaded_at })
    }
}
