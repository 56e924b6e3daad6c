//! `migrate`.

use commandcenter_app::schema::{self, SchemaStatus};
use serde_json::json;

use crate::args::{Global, MigrateCommand};
use crate::command::confirm::confirm;
use crate::command::operator;
use crate::error::CliError;
use crate::output::{Format, table};

/// Moves the schema, or shows where it is.
pub(crate) async fn run(global: &Global, command: MigrateCommand, format: Format) -> Result<(), CliError> {
    let config = operator::load(global)?;
    if let MigrateCommand::Fresh { yes: false } = command {
        confirm(&format!("this removes all data in {}", config.database.url), "fresh").await?;
    }
    let store = commandcenter_app::open(&config, None).await.map_err(failed)?;
    let database = store.connection();
    match command {
        MigrateCommand::Up { steps } => schema::up(database, steps).await.map_err(failed)?,
        MigrateCommand::Down { steps } => schema::down(database, Some(steps)).await.map_err(failed)?,
        MigrateCommand::Fresh { .. } => schema::fresh(database).await.map_err(failed)?,
        MigrateCommand::Status => {}
    }
    show(&schema::status(database).await.map_err(failed)?, format)
}

fn show(status: &SchemaStatus, format: Format) -> Result<(), CliError> {
    let SchemaStatus { applied, pending, unknown } = status;
    let state = |names: &[String], state: &str| names.iter().map(|name| json!({ "migration": name, "state": state })).collect::<Vec<_>>();
    let mut items = state(applied, "applied");
    items.extend(state(pending, "pending"));
    items.extend(state(unknown, "unknown"));
    format.show(&json!({ "applied": applied, "pending": pending, "unknown": unknown }), |_| {
        let summary = format!("{} applied, {} pending, {} unknown to this version", applied.len(), pending.len(), unknown.len());
        format!("{}\n{summary}", table(&items, &[("MIGRATION", "migration"), ("STATE", "state")]))
    })
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Failed(error.to_string())
}
