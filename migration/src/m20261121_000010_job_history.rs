//! Expand: adds what jobs leave behind (attempts, logs, effects) and the switches of queues. The running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{belongs_to, choice, flag, index, key, moment, number, optional_moment, optional_text, reference, text, unique};

/// What `outcome` may say.
const OUTCOME: &[&str] = &["completed", "failed", "retry", "dead", "wait", "cancelled", "released", "lease_lost"];

/// What `level` may say.
const LEVEL: &[&str] = &["debug", "info", "warn", "error"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(attempts()).await?;
        // Enforces "a claim ends once".
        unique(manager, "job_attempts", &["job_id", "fence"]).await?;
        // For statistics of a window and for the rate of queues.
        index(manager, "job_attempts", &["project_id", "ended_at"]).await?;
        index(manager, "job_attempts", &["ended_at", "queue"]).await?;
        manager.create_table(logs()).await?;
        index(manager, "job_logs", &["job_id", "id"]).await?;
        manager.create_table(effects()).await?;
        // Enforces "an effect of a job is opened once".
        unique(manager, "job_effects", &["job_id", "name"]).await?;
        manager.create_table(queues()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["job_queues", "job_effects", "job_logs", "job_attempts"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// Written once, when the attempt has ended: the one under way is told by the job's own row.
fn attempts() -> TableCreateStatement {
    Table::create()
        .table("job_attempts")
        .col(key("id"))
        .col(reference("job_id"))
        .col(reference("project_id"))
        .col(reference("fence"))
        .col(number("number"))
        .col(text("queue"))
        .col(text("worker"))
        .col(moment("started_at"))
        .col(moment("ended_at"))
        .col(choice("outcome", OUTCOME))
        .col(optional_text("error"))
        .col(optional_text("error_class"))
        .col(ColumnDef::new("wait_ms").big_integer().null())
        .col(reference("run_ms"))
        .foreign_key(&mut belongs_to("job_attempts", "job_id", "jobs", ForeignKeyAction::Cascade))
        .take()
}

fn logs() -> TableCreateStatement {
    Table::create()
        .table("job_logs")
        .col(key("id"))
        .col(reference("job_id"))
        .col(moment("at"))
        .col(choice("level", LEVEL))
        .col(text("message"))
        .foreign_key(&mut belongs_to("job_logs", "job_id", "jobs", ForeignKeyAction::Cascade))
        .take()
}

fn effects() -> TableCreateStatement {
    Table::create()
        .table("job_effects")
        .col(key("id"))
        .col(reference("job_id"))
        .col(text("name"))
        .col(text("effect_key"))
        .col(ColumnDef::new("result").json_binary().null())
        .col(moment("opened_at"))
        .col(optional_moment("closed_at"))
        .foreign_key(&mut belongs_to("job_effects", "job_id", "jobs", ForeignKeyAction::Cascade))
        .take()
}

/// A queue without a row is open.
fn queues() -> TableCreateStatement {
    Table::create().table("job_queues").col(text("name").primary_key().take()).col(flag("paused", false)).col(moment("changed_at")).take()
}
