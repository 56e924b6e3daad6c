//! Expand: adds `jobs`, the queue and the history of background work. The running binary does not know the table.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, flag, index, key, moment, number, optional_moment, optional_number, optional_reference, optional_text,
    reference, text,
};

/// What `status` may say.
const STATUS: &[&str] = &["pending", "running", "retrying", "completed", "failed", "cancelled", "dead"];

/// Lists by page filter or sort by one of these, with the id as tiebreak. Every step of every job writes into each of these indexes:
/// another one costs throughput.
const LISTED: &[&str] = &["created_at", "completed_at", "status", "kind"];

/// Partial indexes: the queue stays as small as its live rows, whatever the history grows to. Queries repeat these conditions word for
/// word, since that is how the planners recognise them.
const PARTIAL: &[&str] = &[
    "CREATE INDEX idx_jobs_claim ON jobs (queue, project_id, rank_at, id) \
     WHERE status IN ('pending', 'retrying') AND run_at IS NOT NULL AND open_children = 0",
    "CREATE INDEX idx_jobs_ready ON jobs (queue, rank_at) \
     WHERE status IN ('pending', 'retrying') AND run_at IS NOT NULL AND open_children = 0",
    "CREATE INDEX idx_jobs_due ON jobs (run_at) WHERE status IN ('pending', 'retrying') AND run_at IS NOT NULL AND open_children = 0",
    "CREATE INDEX idx_jobs_lease ON jobs (lease_until) WHERE status = 'running'",
    "CREATE INDEX idx_jobs_live ON jobs (project_id, id) WHERE status IN ('pending', 'running', 'retrying')",
    "CREATE INDEX idx_jobs_children ON jobs (parent_id, id) WHERE parent_id IS NOT NULL",
    // Enforces "no more of a key run at once than it allows": each run holds one of the key's slots.
    "CREATE UNIQUE INDEX uq_jobs_key_slot ON jobs (project_id, exclusive_key, key_slot) WHERE status = 'running' AND exclusive_key IS NOT NULL",
    // Enforces "one live job per unique key and project".
    "CREATE UNIQUE INDEX uq_jobs_unique_key ON jobs (project_id, unique_key) \
     WHERE unique_key IS NOT NULL AND status IN ('pending', 'running', 'retrying')",
];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(jobs()).await?;
        for sql in PARTIAL {
            by_backend(manager, sql, sql).await?;
        }
        for column in LISTED {
            index(manager, "jobs", &["project_id", column, "id"]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("jobs").take()).await
    }
}

fn jobs() -> TableCreateStatement {
    Table::create()
        .table("jobs")
        .col(key("id"))
        .col(reference("project_id"))
        // Not a CHECK list: kinds are append only and come with code, not with migrations.
        .col(text("kind"))
        .col(text("queue").default("default").take())
        .col(ColumnDef::new("parameters").json_binary().not_null())
        .col(ColumnDef::new("tags").json_binary().not_null())
        .col(number("priority").default(5).check(Expr::col("priority").between(1, 10)).take())
        .col(choice("status", STATUS))
        .col(number("progress").default(0).check(Expr::col("progress").between(0, 100)).take())
        .col(optional_text("current_step"))
        .col(number("items_done").default(0).take())
        .col(number("items_failed").default(0).take())
        .col(optional_number("items_total"))
        .col(ColumnDef::new("result").json_binary().null())
        .col(optional_text("error"))
        .col(optional_text("error_class"))
        // Goes up with every claim and never down. Together with `lease_owner` it fences: a run may write only while both are its own.
        .col(reference("fence").default(0).take())
        // Runs that count against `max_attempts`: a run handed back or told to wait does not.
        .col(number("attempt").default(0).check(Expr::col("attempt").gte(0)).take())
        .col(number("max_attempts").check(Expr::col("max_attempts").gte(1)).take())
        .col(flag("cancel_requested", false))
        .col(optional_text("unique_key"))
        // Of the jobs of a key at most `key_limit` run at once, each in a slot of its own.
        .col(optional_text("exclusive_key"))
        .col(number("key_limit").default(1).check(Expr::col("key_limit").between(1, 16)).take())
        .col(optional_number("key_slot"))
        .col(optional_reference("parent_id"))
        // A job with children starts when none of them is left.
        .col(number("open_children").default(0).check(Expr::col("open_children").gte(0)).take())
        .col(optional_text("worker"))
        .col(optional_text("lease_owner"))
        .col(optional_moment("lease_until"))
        .col(optional_reference("created_by"))
        .col(optional_text("request_id"))
        .col(moment("created_at"))
        .col(optional_moment("run_at"))
        // `run_at` less what the priority is worth: the earlier first.
        .col(optional_moment("rank_at"))
        .col(optional_moment("started_at"))
        .col(optional_moment("attempt_started_at"))
        .col(optional_moment("completed_at"))
        .check(Expr::cust("(status = 'running') = (lease_owner IS NOT NULL)"))
        .check(Expr::cust("(status = 'running') = (lease_until IS NOT NULL)"))
        .check(Expr::cust("(status IN ('completed', 'failed', 'cancelled', 'dead')) = (completed_at IS NOT NULL)"))
        .check(Expr::cust("status <> 'retrying' OR run_at IS NOT NULL"))
        .check(Expr::cust("(run_at IS NULL) = (rank_at IS NULL)"))
        .foreign_key(&mut belongs_to("jobs", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("jobs", "parent_id", "jobs", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("jobs", "created_by", "users", ForeignKeyAction::SetNull))
        .take()
}
