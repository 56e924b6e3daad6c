//! `knowledge reindex`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::ReindexArgs;
use crate::client::{Body, Client, Request};
use crate::command::jobs;
use crate::error::CliError;
use crate::output::{Format, cell};

const SETTINGS: &str = "/knowledge/settings";

const ROWS: [(&str, &str); 8] = [
    ("provider", "embedding.provider"),
    ("model", "embedding.model"),
    ("numbers in a vector", "embedding.dimension"),
    ("next provider", "change.provider"),
    ("next model", "change.model"),
    ("job", "change.job_id"),
    ("status", "change.status"),
    ("changed", "updated_at"),
];

/// Shows which model answers, changes it, or gives a change up.
pub(crate) async fn run(client: &Client, wanted: ReindexArgs, format: Format) -> Result<(), CliError> {
    let ReindexArgs { provider, model, dimensions, local, cancel, wait } = wanted;
    if cancel {
        client.ask_project(Request::delete("/knowledge/settings/change")).await?;
        return format.done("Given up: what answered goes on answering.", &json!({ "cancelled": true }));
    }
    if provider.is_none() && !local {
        return format.object(&client.ask_project(Request::get(SETTINGS)).await?, &ROWS);
    }
    let body = Body::Json(json!({ "embedding": { "provider": provider, "model": model, "dimensions": dimensions } }));
    let settings = client.ask_project(Request { method: Method::PUT, body, ..Request::get(SETTINGS) }).await?;
    let Some(change) = settings.get("change").filter(|change| !change.is_null()) else {
        return format.done(&format!("{} answers already.", cell(&settings, "embedding.model")), &settings);
    };
    let job = jobs::id_of(change)?;
    if wait.no_wait {
        return format.done(&format!("Job {job}. Follow it: commandcenter jobs watch {job}"), &settings);
    }
    let label = change.get("model").and_then(Value::as_str).unwrap_or("local").to_owned();
    jobs::conclude(&jobs::watch_bar(client, &job, &label).await?, format)
}
