//! Expand: adds `research_tasks` and `task_documents`. The running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, index, key, moment, number, optional_moment, optional_number, optional_reference, optional_text,
    reference, text, unique,
};
use crate::search::{self, Searched};

const STATUSES: &[&str] = &["pending", "in_progress", "blocked", "completed", "cancelled"];
const TYPES: &[&str] = &["research", "ad_hoc_hypothesis"];
/// Each can be filtered by alone and then reads in the default order.
const FILTERS: &[&str] = &["status", "technology_id", "repository_id", "assigned_to"];

const SEARCHED: Searched = Searched { table: "research_tasks", columns: &["title", "description", "user_notes", "findings"] };

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(research_tasks()).await?;
        for filter in FILTERS {
            index(manager, "research_tasks", &["project_id", filter, "updated_at", "id"]).await?;
        }
        for sort in ["updated_at", "created_at", "title", "progress_percentage"] {
            index(manager, "research_tasks", &["project_id", sort, "id"]).await?;
        }
        // SQLite puts absent values first of itself; PostgreSQL is told to, so that both list alike.
        let due = |nulls: &str| {
            format!("CREATE INDEX idx_research_tasks_project_id_due_date_id ON research_tasks (project_id, due_date{nulls}, id)")
        };
        by_backend(manager, &due(""), &due(" NULLS FIRST")).await?;
        // The foreign keys' own, for deletes of what they point at.
        index(manager, "research_tasks", &["technology_id"]).await?;
        index(manager, "research_tasks", &["repository_id"]).await?;
        search::create(manager, &SEARCHED).await?;
        manager.create_table(task_documents()).await?;
        index(manager, "task_documents", &["task_id", "id"]).await?;
        index(manager, "task_documents", &["project_id"]).await?;
        unique(manager, "task_documents", &["file_key"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("task_documents").take()).await?;
        search::remove(manager, &SEARCHED).await?;
        manager.drop_table(Table::drop().table("research_tasks").take()).await
    }
}

fn research_tasks() -> TableCreateStatement {
    Table::create()
        .table("research_tasks")
        .col(key("id"))
        .col(reference("project_id"))
        .col(optional_reference("technology_id"))
        .col(optional_reference("repository_id"))
        .col(text("title"))
        .col(optional_text("description"))
        .col(choice("status", STATUSES))
        .col(choice("task_type", TYPES))
        .col(optional_text("user_notes"))
        .col(optional_text("findings"))
        .col(optional_text("assigned_to"))
        .col(optional_moment("due_date"))
        .col(optional_moment("completed_at"))
        .col(number("progress_percentage"))
        .col(optional_number("estimated_hours"))
        .col(optional_number("actual_hours"))
        .col(ColumnDef::new("version").big_integer().not_null().default(1))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .check(Expr::col("progress_percentage").between(0, 100))
        // Enforces "completed, 100 per cent and a time of completion come together or not at all".
        .check(Expr::cust("(status = 'completed') = (progress_percentage = 100) AND (status = 'completed') = (completed_at IS NOT NULL)"))
        .foreign_key(&mut belongs_to("research_tasks", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("research_tasks", "technology_id", "technologies", ForeignKeyAction::Cascade))
        // What was found out outlives the tracking of a repository.
        .foreign_key(&mut belongs_to("research_tasks", "repository_id", "repositories", ForeignKeyAction::SetNull))
        .take()
}

fn task_documents() -> TableCreateStatement {
    Table::create()
        .table("task_documents")
        .col(key("id"))
        .col(reference("project_id"))
        .col(reference("task_id"))
        .col(text("filename"))
        .col(text("content_type"))
        .col(ColumnDef::new("size").big_integer().not_null())
        .col(text("sha256"))
        .col(text("file_key"))
        .col(moment("uploaded_at"))
        .foreign_key(&mut belongs_to("task_documents", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("task_documents", "task_id", "research_tasks", ForeignKeyAction::Cascade))
        .take()
}
