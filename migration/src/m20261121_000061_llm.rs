//! Expand: adds the gateway's providers, prices, roles, budgets and its ledger of attempts. The running binary does not know the tables.

use sea_orm_migration::prelude::*;

use crate::column::{
    belongs_to, by_backend, choice, flag, index, key, moment, number, optional_moment, optional_reference, optional_text, reference, text,
    unique,
};

const DIALECTS: &[&str] = &["openai", "anthropic", "gemini"];
const ORIGINS: &[&str] = &["settings", "environment"];
const SCOPES: &[&str] = &["project", "user", "api_key", "cause"];
const PERIODS: &[&str] = &["day", "month", "total"];
const MODES: &[&str] = &["hard", "soft"];
const OUTCOMES: &[&str] = &["open", "complete", "incomplete", "failed", "cancelled", "cached", "lost"];

/// A name is used once by an owner: a project, or the instance, for which the column is empty and an ordinary index would let any number
/// in. Attempts under way are few among those that ended, and are looked for by their age.
const INDEXES: &str = "
CREATE UNIQUE INDEX uq_llm_providers_owner_alias ON llm_providers (COALESCE(project_id, 0), alias);
CREATE UNIQUE INDEX uq_llm_roles_owner_role ON llm_roles (COALESCE(project_id, 0), role);
CREATE INDEX idx_llm_attempts_open ON llm_attempts (started_at) WHERE outcome = 'open';";

/// What the ledger is filtered by.
const FILTERS: [&str; 7] = ["provider", "model", "role", "cause", "user_id", "api_key_id", "started_at"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [providers(), prices(), roles(), budgets(), counters(), attempts()] {
            manager.create_table(table).await?;
        }
        index(manager, "llm_providers", &["project_id"]).await?;
        index(manager, "llm_prices", &["provider_id", "model", "valid_from"]).await?;
        index(manager, "llm_roles", &["project_id"]).await?;
        // Enforces "a name is used once in a project".
        unique(manager, "llm_budgets", &["project_id", "name"]).await?;
        // Enforces "a budget has one counter for a period", which is what keeps concurrent calls from counting apart.
        unique(manager, "llm_budget_counters", &["budget_id", "period_start"]).await?;
        index(manager, "llm_attempts", &["project_id", "id"]).await?;
        for filter in FILTERS {
            index(manager, "llm_attempts", &["project_id", filter, "id"]).await?;
        }
        by_backend(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["llm_attempts", "llm_budget_counters", "llm_budgets", "llm_roles", "llm_prices", "llm_providers"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// A whole number of tokens, milliseconds or nano-dollars that begins at nothing.
fn amount(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().default(0).take()
}

fn providers() -> TableCreateStatement {
    Table::create()
        .table("llm_providers")
        .col(key("id"))
        // Empty: the instance's.
        .col(optional_reference("project_id"))
        .col(text("alias"))
        .col(choice("dialect", DIALECTS))
        .col(text("base_url"))
        // Sealed.
        .col(ColumnDef::new("api_key").blob().null())
        .col(optional_text("key_hint"))
        .col(ColumnDef::new("models").json_binary().not_null())
        .col(choice("origin", ORIGINS))
        .col(flag("is_enabled", true))
        .col(reference("version").default(1).take())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("llm_providers", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

fn prices() -> TableCreateStatement {
    Table::create()
        .table("llm_prices")
        .col(key("id"))
        .col(reference("provider_id"))
        .col(text("model"))
        .col(amount("input_nano_per_million"))
        .col(optional_reference("cached_nano_per_million"))
        .col(amount("output_nano_per_million"))
        .col(choice("currency", &["USD"]))
        .col(text("source"))
        .col(moment("valid_from"))
        .col(moment("created_at"))
        .foreign_key(&mut belongs_to("llm_prices", "provider_id", "llm_providers", ForeignKeyAction::Cascade))
        .take()
}

fn roles() -> TableCreateStatement {
    Table::create()
        .table("llm_roles")
        .col(key("id"))
        .col(optional_reference("project_id"))
        .col(text("role"))
        // Names, not references: a provider that is deleted and made anew takes its place again.
        .col(ColumnDef::new("models").json_binary().not_null())
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("llm_roles", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

fn budgets() -> TableCreateStatement {
    Table::create()
        .table("llm_budgets")
        .col(key("id"))
        .col(reference("project_id"))
        .col(text("name"))
        .col(choice("scope", SCOPES))
        // No foreign keys: a budget of a key that is gone is no longer used, and what was spent stays to be seen.
        .col(optional_reference("user_id"))
        .col(optional_reference("api_key_id"))
        .col(optional_text("cause"))
        .col(choice("period", PERIODS))
        .col(amount("limit_nano").check(Expr::col("limit_nano").gte(0)).take())
        .col(choice("mode", MODES))
        .col(reference("version").default(1).take())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("llm_budgets", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

fn counters() -> TableCreateStatement {
    Table::create()
        .table("llm_budget_counters")
        .col(key("id"))
        .col(reference("budget_id"))
        .col(moment("period_start"))
        .col(amount("spent_nano"))
        .col(amount("reserved_nano").check(Expr::col("reserved_nano").gte(0)).take())
        // When its event was published.
        .col(optional_moment("warned_at"))
        .foreign_key(&mut belongs_to("llm_budget_counters", "budget_id", "llm_budgets", ForeignKeyAction::Cascade))
        .take()
}

fn attempts() -> TableCreateStatement {
    let mut table = Table::create()
        .table("llm_attempts")
        .col(key("id"))
        .col(reference("project_id"))
        // No foreign keys: the ledger outlives accounts, keys and providers, and their ids are never used again.
        .col(optional_reference("user_id"))
        .col(optional_reference("api_key_id"))
        .col(reference("provider_id"))
        .col(text("provider"))
        .col(text("model"))
        .col(optional_text("role"))
        // Not a CHECK list: causes are append only and come with code, not with migrations.
        .col(text("cause"))
        .col(optional_text("cause_id"))
        .col(number("number"))
        .col(flag("estimated", false))
        .col(choice("outcome", OUTCOMES))
        .col(optional_text("failure"))
        .col(optional_reference("latency_ms"))
        .col(optional_reference("first_token_ms"))
        // The counters of budgets that its bound was taken from.
        .col(ColumnDef::new("counters").json_binary().not_null())
        .col(moment("started_at"))
        .col(optional_moment("ended_at"))
        .foreign_key(&mut belongs_to("llm_attempts", "project_id", "projects", ForeignKeyAction::Cascade))
        .take();
    for name in
        ["bound_input_tokens", "bound_output_tokens", "input_tokens", "cached_tokens", "output_tokens", "reserved_nano", "cost_nano"]
    {
        table.col(amount(name));
    }
    table
}
