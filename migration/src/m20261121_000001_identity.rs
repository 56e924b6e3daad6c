//! Expand: adds accounts, sessions, API keys, tickets, projects and memberships. The first migration: nothing runs without it.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, choice, flag, index, key, moment, optional_choice, optional_moment, optional_reference, optional_text, reference, text,
    unique,
};

const ROLES: &[&str] = &["viewer", "member", "maintainer", "owner"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [users(), projects(), memberships(), sessions(), refresh_tokens(), api_keys(), tickets()] {
            manager.create_table(table).await?;
        }
        unique(manager, "users", &["email"]).await?;
        // Enforces "a project's name is unique per owner".
        unique(manager, "projects", &["owner", "name"]).await?;
        unique(manager, "memberships", &["user_id", "project_id"]).await?;
        index(manager, "memberships", &["project_id", "user_id"]).await?;
        index(manager, "sessions", &["user_id"]).await?;
        unique(manager, "refresh_tokens", &["hash"]).await?;
        index(manager, "refresh_tokens", &["session_id"]).await?;
        unique(manager, "api_keys", &["hash"]).await?;
        index(manager, "api_keys", &["user_id", "id"]).await?;
        index(manager, "api_keys", &["project_id", "id"]).await?;
        unique(manager, "tickets", &["hash"]).await?;
        index(manager, "tickets", &["expires_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tickets", "api_keys", "refresh_tokens", "sessions", "memberships", "projects", "users"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(key("id"))
        .col(text("email"))
        .col(text("password_hash"))
        .col(optional_text("full_name"))
        .col(flag("is_active", true))
        .col(flag("is_admin", false))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .col(optional_moment("last_login_at"))
        .take()
}

fn projects() -> TableCreateStatement {
    Table::create()
        .table("projects")
        .col(key("id"))
        .col(text("name"))
        .col(text("owner"))
        .col(optional_text("description"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .take()
}

fn memberships() -> TableCreateStatement {
    Table::create()
        .table("memberships")
        .col(key("id"))
        .col(reference("user_id"))
        .col(reference("project_id"))
        .col(choice("role", ROLES))
        .col(moment("created_at"))
        .foreign_key(&mut belongs_to("memberships", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("memberships", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(key("id"))
        .col(reference("user_id"))
        .col(moment("created_at"))
        .col(moment("expires_at"))
        .col(optional_moment("revoked_at"))
        .foreign_key(&mut belongs_to("sessions", "user_id", "users", ForeignKeyAction::Cascade))
        .take()
}

/// Every refresh token a session ever had: the spent ones are kept so that their reuse is noticed.
fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table("refresh_tokens")
        .col(key("id"))
        .col(reference("session_id"))
        .col(text("hash"))
        .col(moment("created_at"))
        .col(optional_moment("spent_at"))
        .foreign_key(&mut belongs_to("refresh_tokens", "session_id", "sessions", ForeignKeyAction::Cascade))
        .take()
}

fn api_keys() -> TableCreateStatement {
    Table::create()
        .table("api_keys")
        .col(key("id"))
        .col(reference("user_id"))
        .col(optional_reference("project_id"))
        .col(text("name"))
        .col(text("prefix"))
        .col(text("hash"))
        .col(optional_choice("role", ROLES))
        .col(moment("created_at"))
        .col(optional_moment("last_used_at"))
        .col(optional_moment("expires_at"))
        .foreign_key(&mut belongs_to("api_keys", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("api_keys", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// Single-use tickets that open a WebSocket.
fn tickets() -> TableCreateStatement {
    Table::create()
        .table("tickets")
        .col(key("id"))
        .col(text("hash"))
        .col(reference("user_id"))
        .col(optional_reference("session_id"))
        .col(optional_reference("project_id"))
        .col(moment("expires_at"))
        .foreign_key(&mut belongs_to("tickets", "user_id", "users", ForeignKeyAction::Cascade))
        .take()
}
