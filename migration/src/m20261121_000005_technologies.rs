//! Expand: adds `technologies`, their links to repositories, their full-text index, and `project_counts`. The running binary does not know
//! the tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::column::{
    belongs_to, by_backend, choice, index, key, moment, number, optional_choice, optional_moment, optional_number, optional_text,
    reference, text, unique,
};
use crate::search::{self, Searched};

const DOMAINS: &[&str] = &["audio-dsp", "ai-ml", "music-theory", "performance", "ui-ux", "infrastructure", "other"];
const STATUSES: &[&str] = &["discovery", "research", "evaluation", "implementation", "integrated", "archived"];
const RINGS: &[&str] = &["adopt", "trial", "assess", "hold"];
const DIFFICULTIES: &[&str] = &["trivial", "easy", "moderate", "complex", "very_complex"];
const MATURITIES: &[&str] = &["alpha", "beta", "stable", "mature", "legacy"];
const COSTS: &[&str] = &["free", "freemium", "affordable", "moderate", "expensive", "enterprise"];

/// The default order, ascending; lists read it backwards.
const ORDER: [&str; 4] = ["priority", "relevance_score", "updated_at", "id"];
/// Each can be filtered by, alone and in the default order.
const FILTERS: &[&str] = &["status", "domain", "ring", "maturity_level", "cost_tier"];

const SEARCHED: Searched = Searched { table: "technologies", columns: &["title", "vendor", "tags", "description", "use_cases", "notes"] };

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_connection().get_database_backend();
        manager.create_table(technologies(backend)).await?;
        // Enforces "a title is unique per project, whatever its case", and serves the order by title.
        unique(manager, "technologies", &["project_id", "title_key"]).await?;
        index(manager, "technologies", &["project_id", ORDER[0], ORDER[1], ORDER[2], ORDER[3]]).await?;
        for filter in FILTERS {
            index(manager, "technologies", &["project_id", filter, ORDER[0], ORDER[1], ORDER[2], ORDER[3]]).await?;
        }
        for sort in ["relevance_score", "created_at", "updated_at"] {
            index(manager, "technologies", &["project_id", sort, "id"]).await?;
        }
        search::create(manager, &SEARCHED).await?;
        manager.create_table(technology_repositories()).await?;
        index(manager, "technology_repositories", &["repository_id"]).await?;
        index(manager, "technology_repositories", &["project_id"]).await?;
        manager.create_table(project_counts()).await?;
        by_backend(manager, COUNT_SQLITE, COUNT_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        by_backend(
            manager,
            "SELECT 1",
            "DROP TRIGGER count_insert ON technologies; DROP TRIGGER count_delete ON technologies; DROP FUNCTION count_rows()",
        )
        .await?;
        manager.drop_table(Table::drop().table("project_counts").take()).await?;
        manager.drop_table(Table::drop().table("technology_repositories").take()).await?;
        search::remove(manager, &SEARCHED).await?;
        manager.drop_table(Table::drop().table("technologies").take()).await
    }
}

fn technologies(backend: DbBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("technologies")
        .col(key("id"))
        .col(reference("project_id"))
        .col(text("title"))
        .col(title_key(backend))
        .col(optional_text("vendor"));
    table.col(choice("domain", DOMAINS)).col(choice("status", STATUSES)).col(optional_choice("ring", RINGS));
    for column in ["relevance_score", "priority"] {
        table.col(number(column));
    }
    for column in ["description", "notes", "use_cases", "documentation_url", "repository_url", "website_url", "tags"] {
        table.col(optional_text(column));
    }
    table
        .col(ColumnDef::new("latency_ms").double().null())
        .col(optional_number("throughput_qps"))
        .col(optional_choice("integration_difficulty", DIFFICULTIES))
        .col(optional_number("integration_time_estimate_days"))
        .col(optional_choice("maturity_level", MATURITIES))
        .col(optional_number("stability_score"))
        .col(optional_choice("cost_tier", COSTS))
        .col(ColumnDef::new("cost_monthly_usd").double().null())
        .col(ColumnDef::new("dependencies").json_binary().null())
        .col(optional_text("alternatives"))
        .col(optional_moment("last_hn_mention"))
        .col(optional_number("hn_score_avg"))
        .col(optional_number("github_stars"))
        .col(optional_moment("github_last_commit"))
        .col(ColumnDef::new("version").big_integer().not_null().default(1))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .check(Expr::col("priority").between(1, 5))
        .check(Expr::col("relevance_score").between(0, 100))
        .foreign_key(&mut belongs_to("technologies", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// The title in lower case, as the domain folds it. Compared by code point, so that both databases sort alike.
fn title_key(backend: DbBackend) -> ColumnDef {
    let mut column = text("title_key");
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column.take()
}

fn technology_repositories() -> TableCreateStatement {
    Table::create()
        .table("technology_repositories")
        .col(reference("technology_id"))
        .col(reference("repository_id"))
        .col(reference("project_id"))
        .col(moment("created_at"))
        .primary_key(Index::create().col("technology_id").col("repository_id"))
        .foreign_key(&mut belongs_to("technology_repositories", "technology_id", "technologies", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("technology_repositories", "repository_id", "repositories", ForeignKeyAction::Cascade))
        .foreign_key(&mut belongs_to("technology_repositories", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

/// How many rows a project has, kept by triggers in the transaction that changes them: the total of an unfiltered list without counting.
fn project_counts() -> TableCreateStatement {
    Table::create()
        .table("project_counts")
        .col(reference("project_id"))
        .col(text("entity"))
        .col(ColumnDef::new("count").big_integer().not_null())
        .primary_key(Index::create().col("project_id").col("entity"))
        .foreign_key(&mut belongs_to("project_counts", "project_id", "projects", ForeignKeyAction::Cascade))
        .take()
}

const COUNT_SQLITE: &str = "
CREATE TRIGGER technologies_count_insert AFTER INSERT ON technologies BEGIN
  INSERT INTO project_counts (project_id, entity, count) VALUES (new.project_id, 'technologies', 1)
  ON CONFLICT (project_id, entity) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER technologies_count_delete AFTER DELETE ON technologies BEGIN
  UPDATE project_counts SET count = count - 1 WHERE project_id = old.project_id AND entity = 'technologies';
END;";

/// One update per statement, not per row: a bulk insert would otherwise pile up versions of the one counter row. The row's lock makes
/// concurrent writers of a project take turns, and a rollback takes its share of the count with it.
const COUNT_POSTGRES: &str = "
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO project_counts AS kept (project_id, entity, count)
      SELECT project_id, TG_TABLE_NAME, count(*) FROM changed GROUP BY project_id ORDER BY project_id
      ON CONFLICT (project_id, entity) DO UPDATE SET count = kept.count + excluded.count;
  ELSE
    UPDATE project_counts AS kept SET count = kept.count - gone.count
      FROM (SELECT project_id, count(*) AS count FROM changed GROUP BY project_id) AS gone
      WHERE kept.project_id = gone.project_id AND kept.entity = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER count_insert AFTER INSERT ON technologies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
CREATE TRIGGER count_delete AFTER DELETE ON technologies REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows();";
