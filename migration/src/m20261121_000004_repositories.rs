//! Expand: adds `repositories` and `commits`. The running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, flag, index, key, moment, number, optional_moment, optional_reference, optional_text, reference, text,
    unique,
};

/// What `sync_status` may say.
const SYNC_STATUS: &[&str] = &["never", "syncing", "synced", "failed"];

/// Lists by page sort by one of these, with the id as tiebreak.
const SORTED: &[&str] = &["full_name", "created_at", "updated_at", "last_synced_at", "stars", "forks"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(repositories()).await?;
        // GitHub takes `Rust-Lang/Rust` and `rust-lang/rust` for the same repository, and so does each project. Names are ASCII, so
        // both databases fold them alike.
        let name = "CREATE UNIQUE INDEX uq_repositories_project_id_full_name ON repositories (project_id, lower(full_name))";
        by_backend(manager, name, name).await?;
        let owner = "CREATE INDEX idx_repositories_project_id_owner ON repositories (project_id, lower(owner))";
        by_backend(manager, owner, owner).await?;
        let language = "CREATE INDEX idx_repositories_project_id_language ON repositories (project_id, lower(language))";
        by_backend(manager, language, language).await?;
        for column in SORTED {
            index(manager, "repositories", &["project_id", column, "id"]).await?;
        }
        manager.create_table(commits()).await?;
        unique(manager, "commits", &["repository_id", "sha"]).await?;
        index(manager, "commits", &["repository_id", "committed_at", "id"]).await?;
        index(manager, "commits", &["project_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("commits").take()).await?;
        manager.drop_table(Table::drop().table("repositories").take()).await
    }
}

fn repositories() -> TableCreateStatement {
    Table::create()
        .table("repositories")
        .col(key("id"))
        .col(reference("project_id"))
        .col(text("owner"))
        .col(text("name"))
        .col(text("full_name"))
        .col(optional_text("description"))
        // Sealed: the key is not in the database.
        .col(ColumnDef::new("access_token").var_binary(4096).null())
        .col(flag("is_private", false))
        .col(optional_reference("github_id"))
        .col(optional_text("url"))
        .col(optional_text("clone_url"))
        .col(optional_text("default_branch"))
        .col(optional_text("last_commit_sha"))
        .col(optional_text("last_commit_message"))
        .col(optional_text("last_commit_author"))
        .col(optional_moment("last_commit_date"))
        .col(optional_moment("last_synced_at"))
        .col(choice("sync_status", SYNC_STATUS).default("never").take())
        .col(optional_text("sync_error"))
        // The commit up to which everything is stored, documents too; it trails `last_commit_sha` while a run is under way or failed.
        .col(optional_text("sync_cursor"))
        // The validator of the last metadata answer, for conditional requests.
        .col(optional_text("sync_etag"))
        .col(number("stars").default(0).take())
        .col(number("forks").default(0).take())
        .col(optional_text("language"))
        .col(ColumnDef::new("metadata").json_binary().null())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("repositories", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

fn commits() -> TableCreateStatement {
    Table::create()
        .table("commits")
        .col(key("id"))
        .col(reference("project_id"))
        .col(reference("repository_id"))
        .col(text("sha"))
        .col(text("message"))
        .col(optional_text("author_name"))
        .col(optional_text("author_email"))
        .col(optional_moment("authored_at"))
        .col(moment("committed_at"))
        .col(optional_text("url"))
        .foreign_key(&mut belongs_to("commits", "project_id", "projects", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("commits", "repository_id", "repositories", ForeignKeyAction::Cascade))
        .take()
}
