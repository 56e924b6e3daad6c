//! `sources`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{AddSourceArgs, SourcesCommand};
use crate::client::{Body, Client, Request};
use crate::command::account::from_stdin;
use crate::command::jobs;
use crate::command::projects::paged;
use crate::error::CliError;
use crate::output::{Format, cell};

const ROWS: [(&str, &str); 14] = [
    ("id", "id"),
    ("name", "name"),
    ("type", "type"),
    ("url", "url"),
    ("path", "path"),
    ("schedule", "schedule"),
    ("next run", "next_run_at"),
    ("enabled", "enabled"),
    ("status", "status"),
    ("last run", "last_run"),
    ("error", "last_error"),
    ("documents", "documents_ingested"),
    ("failing", "error_count"),
    ("settings", "config"),
];

/// Lists, adds, reads, pauses and deletes sources.
pub(crate) async fn run(client: &Client, command: SourcesCommand, format: Format) -> Result<(), CliError> {
    match command {
        SourcesCommand::List(page) => {
            let list = client.ask_project(paged("/ingestion/sources", page)).await?;
            let columns = [
                ("ID", "id"),
                ("NAME", "name"),
                ("TYPE", "type"),
                ("STATUS", "status"),
                ("DOCUMENTS", "documents_ingested"),
                ("LAST RUN", "last_run"),
                ("NEXT RUN", "next_run_at"),
            ];
            format.list(&list, &columns)
        }
        SourcesCommand::Add(new) => add(client, new, format).await,
        SourcesCommand::Show { source } => format.object(&client.ask_project(Request::get(of(source))).await?, &ROWS),
        SourcesCommand::Run { source, wait } => {
            let accepted = client.ask_project(Request::post(format!("{}/run", of(source)), Body::Empty)).await?;
            let job = jobs::id_of(&accepted)?;
            if wait.no_wait {
                return format.done(&format!("Job {job}. Follow it: commandcenter jobs watch {job}"), &accepted);
            }
            let ended = jobs::watch_bar(client, &job, &cell(&accepted, "source_name")).await?;
            jobs::conclude(&ended, format)
        }
        SourcesCommand::Runs { source, page } => {
            let list = client.ask_project(paged(&format!("{}/runs", of(source)), page)).await?;
            let columns = [
                ("ID", "id"),
                ("STATUS", "status"),
                ("ADDED", "added"),
                ("UPDATED", "updated"),
                ("UNCHANGED", "unchanged"),
                ("GONE", "gone"),
                ("FAILED", "failed"),
                ("STARTED", "started_at"),
                ("ERROR", "error"),
            ];
            format.list(&list, &columns)
        }
        SourcesCommand::Pause { source } => switch(client, source, false, format).await,
        SourcesCommand::Resume { source } => switch(client, source, true, format).await,
        SourcesCommand::Remove { source } => {
            client.ask_project(Request::delete(of(source))).await?;
            format.done(&format!("Source {source} removed."), &json!({ "id": source }))
        }
    }
}

fn of(source: i64) -> String {
    format!("/ingestion/sources/{source}")
}

async fn add(client: &Client, new: AddSourceArgs, format: Format) -> Result<(), CliError> {
    let settings = new.settings.as_deref().map(|text| {
        let value = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
        value.ok_or_else(|| CliError::Usage("--settings: must be a JSON object".to_owned()))
    });
    let secret = if new.secret_stdin { Some(from_stdin()?) } else { None };
    let mut body = json!({ "name": new.name, "type": new.kind.as_str() });
    let fields = [
        ("url", new.url.map(Value::from)),
        ("path", new.path.map(Value::from)),
        ("schedule", new.schedule.map(Value::from)),
        ("secret", secret.map(Value::from)),
        ("config", settings.transpose()?),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            body[field] = value;
        }
    }
    let added = client.ask_project(Request::post("/ingestion/sources", Body::Json(body))).await?;
    let id = cell(&added, "id");
    format.done(&format!("Source {id} added. Read it: commandcenter sources run {id}"), &added)
}

async fn switch(client: &Client, source: i64, enabled: bool, format: Format) -> Result<(), CliError> {
    let body = Body::Json(json!({ "enabled": enabled }));
    let changed = client.ask_project(Request { method: Method::PATCH, body, ..Request::get(of(source)) }).await?;
    let said = if enabled { "resumed" } else { "paused" };
    format.done(&format!("Source {source} {said}."), &changed)
}
