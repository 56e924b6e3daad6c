//! What clients send of research tasks.

use commandcenter_domain::Patch;
use commandcenter_domain::research::TaskInput;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// Declares the two bodies, which differ in the title only, from one list of fields.
macro_rules! bodies {
    ($($(#[$meta:meta])* $field:ident: $type:ident,)+) => {
        /// A research task to make.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"title": "Measure Faust's latency", "technology_id": 1, "due_date": "2026-12-01T12:00:00Z", "estimated_hours": 6}))]
        pub(super) struct CreateTask {
            /// 1 to 255 characters.
            title: String,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$type>)] $field: Option<Option<$type>>,)+
        }

        /// What of a research task changes. A field left out stays; null empties what may be empty.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"status": "in_progress", "progress_percentage": 40, "due_date": null}))]
        pub(super) struct UpdateTask {
            /// 1 to 255 characters.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            title: Option<Option<String>>,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$type>)] $field: Option<Option<$type>>,)+
        }

        impl From<CreateTask> for TaskInput {
            fn from(body: CreateTask) -> Self {
                Self { title: Patch::Set(body.title), $($field: Patch::from_double(body.$field),)+ }
            }
        }

        impl From<UpdateTask> for TaskInput {
            fn from(body: UpdateTask) -> Self {
                Self { title: Patch::from_double(body.title), $($field: Patch::from_double(body.$field),)+ }
            }
        }
    };
}

bodies! {
    /// More of what is to be found out.
    description: String,
    /// `pending` (default), `in_progress`, `blocked`, `completed` or `cancelled`.
    status: String,
    /// `research` (default) or `ad_hoc_hypothesis`.
    task_type: String,
    /// The technology it is about.
    technology_id: i64,
    /// The repository it is about.
    repository_id: i64,
    /// Notes.
    user_notes: String,
    /// What was found out.
    findings: String,
    /// Who works on it; free text.
    assigned_to: String,
    /// RFC 3339 with a zone.
    due_date: String,
    /// Hours it is thought to take.
    estimated_hours: i64,
    /// Hours it took.
    actual_hours: i64,
    /// 0 to 100; 100 completes.
    progress_percentage: i64,
}

/// Which tasks. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListTasks {
    /// Which page, from 1.
    pub(super) page: Option<i64>,
    /// Rows per page, 1 to 100.
    pub(super) limit: Option<i64>,
    /// `updated_at`, `created_at`, `due_date`, `status`, `progress_percentage` or `title`; with `-` in front the other way. Without it:
    /// `-updated_at`.
    pub(super) sort: Option<String>,
    /// In this state.
    pub(super) status: Option<String>,
    /// About this technology.
    pub(super) technology_id: Option<i64>,
    /// About this repository.
    pub(super) repository_id: Option<i64>,
    /// Given to exactly this assignee.
    pub(super) assigned_to: Option<String>,
    /// With a word that begins like each of these words, in title, description, notes or findings.
    pub(super) search: Option<String>,
    /// Due before this moment, RFC 3339 with a zone.
    pub(super) due_before: Option<String>,
    /// Due at this moment or after, RFC 3339 with a zone.
    pub(super) due_after: Option<String>,
}

/// What the overview counts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OverviewQuery {
    /// Only tasks about this technology.
    pub(super) technology_id: Option<i64>,
    /// Only tasks about this repository.
    pub(super) repository_id: Option<i64>,
}

/// Which tasks by date.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UpcomingQuery {
    /// Days to look ahead, 1 to 90; 7 if left out.
    pub(super) days: Option<i64>,
    /// Which page, from 1.
    pub(super) page: Option<i64>,
    /// Rows per page, 1 to 100; 100 if left out.
    pub(super) limit: Option<i64>,
}

/// Which tasks by date.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OverdueQuery {
    /// Which page, from 1.
    pub(super) page: Option<i64>,
    /// Rows per page, 1 to 100; 100 if left out.
    pub(super) limit: Option<i64>,
}

/// Where a task goes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StatusQuery {
    /// `pending`, `in_progress`, `blocked`, `completed` or `cancelled`.
    #[param(required = true)]
    pub(super) new_status: Option<String>,
}

/// How far a task is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProgressQuery {
    /// 0 to 100; 100 completes.
    #[param(required = true)]
    pub(super) progress_percentage: Option<i64>,
}

/// A file to attach.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used: the form is read as it streams in")]
pub(super) struct UploadForm {
    /// At most 50 MiB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}
