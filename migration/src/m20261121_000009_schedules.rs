//! Expand: adds `schedules` and their fires, `schedule_runs`. The running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, index, key, moment, number, optional_choice, optional_moment, optional_number, optional_reference,
    optional_text, reference, text, unique,
};

const FREQUENCIES: &[&str] = &["once", "hourly", "daily", "weekly", "monthly", "interval", "cron"];
const WEEKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MISFIRES: &[&str] = &["run_once", "skip", "catch_up"];
const OVERLAPS: &[&str] = &["skip", "queue", "cancel_old"];
const REASONS: &[&str] = &["manual", "finished", "failures"];
const TRIGGERS: &[&str] = &["schedule", "manual"];
const OUTCOMES: &[&str] = &["waiting", "running", "completed", "failed", "cancelled", "dead", "skipped"];

/// Lists by page sort by one of these, with the id as tiebreak.
const SORTED: &[&str] = &["created_at", "updated_at", "next_run_at", "last_run_at", "name"];
/// Lists filter by one of these and keep the order by id.
const FILTERED: &[&str] = &["task_type", "frequency"];

/// Queries repeat these conditions word for word, since that is how the planners recognise them. What is due and what is open stays as
/// small as the present, whatever the history grows to.
const PARTIAL: &[&str] = &[
    "CREATE INDEX idx_schedules_due ON schedules (next_run_at, id) WHERE next_run_at IS NOT NULL",
    "CREATE INDEX idx_schedules_enabled ON schedules (project_id, id) WHERE disabled_reason IS NULL",
    "CREATE INDEX idx_schedules_disabled ON schedules (project_id, id) WHERE disabled_reason IS NOT NULL",
    "CREATE INDEX idx_schedule_runs_open ON schedule_runs (schedule_id, id) WHERE finished_at IS NULL",
];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(schedules()).await?;
        manager.create_table(schedule_runs()).await?;
        // Enforces "a fire time is fired once", whoever fires it.
        unique(manager, "schedule_runs", &["schedule_id", "fire_at"]).await?;
        index(manager, "schedule_runs", &["schedule_id", "id"]).await?;
        for sql in PARTIAL {
            by_backend(manager, sql, sql).await?;
        }
        index(manager, "schedules", &["project_id", "id"]).await?;
        for column in SORTED.iter().chain(FILTERED) {
            index(manager, "schedules", &["project_id", column, "id"]).await?;
        }
        // The cascades from projects and users look here.
        index(manager, "schedule_runs", &["project_id"]).await?;
        index(manager, "schedules", &["created_by"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("schedule_runs").take()).await?;
        manager.drop_table(Table::drop().table("schedules").take()).await
    }
}

fn schedules() -> TableCreateStatement {
    Table::create()
        .table("schedules")
        .col(key("id"))
        .col(reference("project_id"))
        .col(text("name"))
        .col(optional_text("description"))
        // Not a CHECK list: kinds are append only and come with code, not with migrations.
        .col(text("task_type"))
        .col(ColumnDef::new("task_parameters").json_binary().not_null())
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(number("priority").default(5).check(Expr::col("priority").between(1, 10)).take())
        .col(choice("frequency", FREQUENCIES))
        .col(optional_number("minute").check(Expr::col("minute").between(0, 59)).take())
        .col(optional_text("time_of_day"))
        .col(optional_choice("weekday", WEEKDAYS))
        .col(optional_number("day_of_month").check(Expr::col("day_of_month").between(1, 31)).take())
        .col(optional_reference("interval_seconds").check(Expr::col("interval_seconds").gte(1)).take())
        .col(optional_text("cron_expression"))
        .col(text("timezone"))
        .col(optional_moment("start_time"))
        .col(optional_moment("end_time"))
        .col(number("jitter_seconds").default(0).check(Expr::col("jitter_seconds").gte(0)).take())
        .col(choice("misfire_policy", MISFIRES))
        .col(number("catch_up_limit").check(Expr::col("catch_up_limit").gte(1)).take())
        .col(choice("overlap_policy", OVERLAPS))
        .col(optional_number("max_consecutive_failures"))
        .col(optional_moment("next_run_at"))
        .col(optional_choice("disabled_reason", REASONS))
        .col(reference("run_count").default(0).take())
        .col(reference("success_count").default(0).take())
        .col(reference("failure_count").default(0).take())
        .col(number("consecutive_failures").default(0).take())
        .col(optional_moment("last_run_at"))
        .col(optional_moment("last_success_at"))
        .col(optional_moment("last_failure_at"))
        .col(optional_text("last_error"))
        .col(optional_reference("created_by"))
        .col(reference("version").default(1).take())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        // Enabled is: has a next fire.
        .check(Expr::cust("(next_run_at IS NULL) = (disabled_reason IS NOT NULL)"))
        .check(Expr::cust("(frequency = 'interval') = (interval_seconds IS NOT NULL)"))
        .check(Expr::cust("(frequency = 'cron') = (cron_expression IS NOT NULL)"))
        .check(Expr::cust("end_time IS NULL OR start_time IS NULL OR end_time > start_time"))
        .foreign_key(&mut belongs_to("schedules", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("schedules", "created_by", "users", ForeignKeyAction::SetNull))
        .take()
}

fn schedule_runs() -> TableCreateStatement {
    Table::create()
        .table("schedule_runs")
        .col(key("id"))
        .col(reference("schedule_id"))
        .col(reference("project_id"))
        .col(moment("fire_at"))
        .col(choice("trigger_kind", TRIGGERS))
        .col(choice("outcome", OUTCOMES))
        // No foreign key: the history of runs outlives their jobs, and ids of jobs are never used again.
        .col(optional_reference("job_id"))
        .col(optional_text("note"))
        .col(moment("created_at"))
        .col(optional_moment("started_at"))
        .col(optional_moment("finished_at"))
        .check(Expr::cust("(outcome IN ('waiting', 'running')) = (finished_at IS NULL)"))
        .check(Expr::cust("outcome <> 'running' OR job_id IS NOT NULL"))
        .foreign_key(&mut belongs_to("schedule_runs", "schedule_id", "schedules", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("schedule_runs", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}
