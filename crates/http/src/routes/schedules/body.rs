//! What clients send of schedules.

use commandcenter_domain::Patch;
use commandcenter_domain::schedule::{RuleInput, ScheduleInput, TimingInput};
use commandcenter_services::schedule::{ScheduleChange, TaskInput};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// Declares the two bodies, which differ in what must be there only, from one list of fields.
macro_rules! bodies {
    ($($(#[$meta:meta])* $field:ident: $type:ty as $shown:ty,)+) => {
        /// A schedule to make.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"name": "Sync the handbook", "task_type": "repository_sync", "task_parameters": {"repository_id": 1},
            "frequency": "weekly", "weekday": "monday", "time_of_day": "07:30", "timezone": "Europe/Prague"}))]
        pub(super) struct CreateSchedule {
            /// 1 to 255 characters.
            name: String,
            /// `repository_sync`, `knowledge_ingest` or `source_sync`.
            task_type: String,
            /// `once`, `hourly`, `daily`, `weekly`, `monthly`, `interval` or `cron`.
            frequency: String,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$shown>)] $field: Option<Option<$type>>,)+
        }

        /// What of a schedule changes. A field left out stays; null puts the default back.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"frequency": "cron", "cron_expression": "0 9 * * MON-FRI", "end_time": null}))]
        pub(super) struct UpdateSchedule {
            /// 1 to 255 characters.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            name: Option<Option<String>>,
            /// `repository_sync`, `knowledge_ingest` or `source_sync`.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            task_type: Option<Option<String>>,
            /// `once`, `hourly`, `daily`, `weekly`, `monthly`, `interval` or `cron`. Another frequency starts from its own defaults.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            frequency: Option<Option<String>>,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$shown>)] $field: Option<Option<$type>>,)+
        }

        /// The fields that both bodies share.
        struct Shared { $($field: Patch<$type>,)+ }

        impl From<CreateSchedule> for ScheduleChange {
            fn from(body: CreateSchedule) -> Self {
                let named = (Patch::Set(body.name), Patch::Set(body.task_type), Patch::Set(body.frequency));
                Shared { $($field: Patch::from_double(body.$field),)+ }.change(named)
            }
        }

        impl From<UpdateSchedule> for ScheduleChange {
            fn from(body: UpdateSchedule) -> Self {
                let named = (Patch::from_double(body.name), Patch::from_double(body.task_type), Patch::from_double(body.frequency));
                Shared { $($field: Patch::from_double(body.$field),)+ }.change(named)
            }
        }
    };
}

bodies! {
    /// At most 512 characters.
    description: String as String,
    /// Shaped by the task's type: `{"repository_id": 1}`, `{"document_id": 1}` or `{"source_id": 1}`.
    task_parameters: Map<String, Value> as Object,
    /// Free labels; its jobs get them, and `schedule_id`.
    tags: Map<String, Value> as Object,
    /// Of its jobs: 1 (last) to 10 (first); 5 if left out.
    priority: i64 as i64,
    /// For `hourly`: 0 to 59; 0 if left out.
    minute: i64 as i64,
    /// For `daily`, `weekly` and `monthly`: `HH:MM` or `HH:MM:SS`; midnight if left out.
    time_of_day: String as String,
    /// For `weekly`: `monday` (default) to `sunday`.
    weekday: String as String,
    /// For `monthly`: 1 (default) to 31; in a shorter month its last day.
    day_of_month: i64 as i64,
    /// For `interval`, and required there: 1 to 31,622,400.
    interval_seconds: i64 as i64,
    /// For `cron`, and required there: five fields, or six with the seconds first, or a name such as `@daily`; at most 100 characters.
    cron_expression: String as String,
    /// A zone of the IANA database, such as `Europe/Prague`; `UTC` if left out.
    timezone: String as String,
    /// It does not fire before; RFC 3339 with a zone. `once` fires then and requires it.
    start_time: String as String,
    /// It fires only before; RFC 3339 with a zone, later than `start_time`.
    end_time: String as String,
    /// Most seconds by which a job starts late, so that not all start at once: 0 (default) to 86,400.
    jitter_seconds: i64 as i64,
    /// What becomes of fires that no scheduler saw: `run_once` (default), `skip` or `catch_up`.
    misfire_policy: String as String,
    /// For `catch_up`: most missed fires that run, 1 to 100; 10 if left out.
    catch_up_limit: i64 as i64,
    /// What becomes of a fire while an earlier run has not ended: `skip` (default), `queue` or `cancel_old`.
    overlap_policy: String as String,
    /// Failures in a row that disable it, 1 to 1,000; 10 if left out, never if null.
    max_consecutive_failures: i64 as i64,
    /// Whether it fires; true if left out.
    enabled: bool as bool,
}

type Named = (Patch<String>, Patch<String>, Patch<String>);

impl Shared {
    fn change(self, (name, task_type, frequency): Named) -> ScheduleChange {
        let rule = RuleInput {
            frequency,
            minute: self.minute,
            time_of_day: self.time_of_day,
            weekday: self.weekday,
            day_of_month: self.day_of_month,
            interval_seconds: self.interval_seconds,
            cron_expression: self.cron_expression,
        };
        ScheduleChange {
            plan: ScheduleInput {
                name,
                description: self.description,
                timing: TimingInput { rule, timezone: self.timezone, start_time: self.start_time, end_time: self.end_time },
                jitter_seconds: self.jitter_seconds,
                misfire_policy: self.misfire_policy,
                catch_up_limit: self.catch_up_limit,
                overlap_policy: self.overlap_policy,
                max_consecutive_failures: self.max_consecutive_failures,
            },
            task: TaskInput { task_type, task_parameters: self.task_parameters, tags: self.tags, priority: self.priority },
            enabled: self.enabled,
        }
    }
}

/// A rule to look ahead with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"frequency": "cron", "cron_expression": "0 9 * * MON-FRI", "timezone": "Europe/Prague"}))]
pub(super) struct PreviewSchedule {
    /// `once`, `hourly`, `daily`, `weekly`, `monthly`, `interval` or `cron`.
    frequency: String,
    /// For `hourly`.
    minute: Option<i64>,
    /// For `daily`, `weekly` and `monthly`.
    time_of_day: Option<String>,
    /// For `weekly`.
    weekday: Option<String>,
    /// For `monthly`.
    day_of_month: Option<i64>,
    /// For `interval`.
    interval_seconds: Option<i64>,
    /// For `cron`.
    cron_expression: Option<String>,
    /// A zone of the IANA database; `UTC` if left out.
    timezone: Option<String>,
    /// RFC 3339 with a zone.
    start_time: Option<String>,
    /// RFC 3339 with a zone.
    end_time: Option<String>,
}

impl From<PreviewSchedule> for TimingInput {
    fn from(body: PreviewSchedule) -> Self {
        let rule = RuleInput {
            frequency: Patch::Set(body.frequency),
            minute: given(body.minute),
            time_of_day: given(body.time_of_day),
            weekday: given(body.weekday),
            day_of_month: given(body.day_of_month),
            interval_seconds: given(body.interval_seconds),
            cron_expression: given(body.cron_expression),
        };
        Self { rule, timezone: given(body.timezone), start_time: given(body.start_time), end_time: given(body.end_time) }
    }
}

fn given<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Keep, Patch::Set)
}

/// How a schedule is run by hand.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExecuteSchedule {
    /// Run it although it is disabled, outside of its window, or running.
    pub(super) force: Option<bool>,
}

/// The same, in the query.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExecuteQuery {
    /// Run it although it is disabled, outside of its window, or running.
    pub(super) force: Option<bool>,
}

/// Which schedules. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListSchedules {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `created_at`, `updated_at`, `next_run_at`, `last_run_at` or `name`; with `-` in front the other way. Newest first if left out.
    pub(super) sort: Option<String>,
    /// Those that fire, or those that do not.
    pub(super) enabled: Option<bool>,
    /// Of this type of task.
    pub(super) task_type: Option<String>,
    /// Of this frequency.
    pub(super) frequency: Option<String>,
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListRuns {
    /// The `next_cursor` of the answer before.
    pub(super) cursor: Option<i64>,
    /// Rows per answer.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
}
