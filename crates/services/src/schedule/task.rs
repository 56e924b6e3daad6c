//! What a schedule's jobs do, held to the rules that jobs are held to.

use commandcenter_domain::job::JobError;
use commandcenter_domain::schedule::{ScheduleError, Task};
use commandcenter_domain::shared::{FieldError, Invalid, Patch};
use serde_json::{Map, Value};

use crate::job::{JobRequest, NewJobInput};

/// What a client says of it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Task`")]
pub struct TaskInput {
    pub task_type: Patch<String>,
    pub task_parameters: Patch<Map<String, Value>>,
    pub tags: Patch<Map<String, Value>>,
    pub priority: Patch<i64>,
}

impl TaskInput {
    /// Whether it says anything.
    pub(super) fn is_empty(&self) -> bool {
        let silent = (&self.task_type, &self.task_parameters, &self.tags, &self.priority);
        matches!(silent, (Patch::Keep, Patch::Keep, Patch::Keep, Patch::Keep))
    }

    /// The request that `POST /jobs` would make of it, laid over the stored task; or every rule it breaks, by the names of a schedule.
    ///
    /// # Errors
    /// [`ScheduleError::Task`] when there is no such kind of job.
    pub(super) fn request(self, base: Option<&Task>) -> Result<Result<JobRequest, Vec<FieldError>>, ScheduleError> {
        let job_type = match (self.task_type, base) {
            (Patch::Set(text), _) => text,
            (Patch::Keep, Some(task)) => task.kind.as_str().to_owned(),
            (Patch::Keep | Patch::Clear, _) => return Ok(Err(vec![FieldError::new("task_type", "required", "is required")])),
        };
        let input = NewJobInput {
            job_type,
            parameters: object(self.task_parameters, base.map(|task| &task.parameters)),
            tags: object(self.tags, base.map(|task| &task.tags)),
            priority: match self.priority {
                Patch::Keep => base.map(|task| task.priority),
                Patch::Clear => None,
                // What does not fit is out of range as well.
                Patch::Set(priority) => Some(i32::try_from(priority).unwrap_or(0)),
            },
        };
        match JobRequest::parse(input) {
            Ok(request) => Ok(Ok(request)),
            Err(JobError::Invalid(Invalid(errors))) => Ok(Err(errors.into_iter().map(renamed).collect())),
            Err(JobError::UnknownType(Invalid(errors))) => {
                Err(ScheduleError::Task(JobError::UnknownType(Invalid(errors.into_iter().map(renamed).collect()))))
            }
            Err(other) => Err(ScheduleError::Task(other)),
        }
    }
}

/// The task that a request describes.
pub(super) fn task_of(request: JobRequest) -> Task {
    let (kind, parameters, tags, priority) = request.into_parts();
    Task { kind, parameters, tags, priority }
}

fn object(patch: Patch<Map<String, Value>>, base: Option<&Value>) -> Map<String, Value> {
    match patch {
        Patch::Set(object) => object,
        Patch::Clear => Map::new(),
        Patch::Keep => base.and_then(Value::as_object).cloned().unwrap_or_default(),
    }
}

/// Jobs and schedules have other names for the same fields.
fn renamed(error: FieldError) -> FieldError {
    let field = match error.field.as_str() {
        "job_type" => "task_type".to_owned(),
        "parameters" => "task_parameters".to_owned(),
        _ => error.field,
    };
    FieldError { field, ..error }
}
