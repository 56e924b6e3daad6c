//! `knowledge export` and `knowledge import`.

use std::io::Write;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::{Format, cell};

/// Writes an archive. A file of that name stays as it was until the archive is whole.
pub(crate) async fn export(client: &Client, file: &Path, force: bool, format: Format) -> Result<(), CliError> {
    let to_stdout = file == Path::new("-");
    if !to_stdout && !force && file.exists() {
        return Err(CliError::Usage(format!("{} exists; --force replaces it", file.display())));
    }
    let mut response = client.fetch_project(Request::get("/knowledge/export")).await?;
    let fault = |error: std::io::Error| CliError::Failed(format!("{}: {error}", file.display()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = if to_stdout { None } else { Some(tempfile::NamedTempFile::new_in(folder).map_err(fault)?) };
    let mut size = 0_u64;
    while let Some(bytes) = response.chunk().await.map_err(|e| CliError::Unreachable(format!("the archive broke off: {e}")))? {
        size += bytes.len() as u64;
        match &mut draft {
            Some(draft) => draft.write_all(&bytes).map_err(fault)?,
            None => std::io::stdout().lock().write_all(&bytes).map_err(fault)?,
        }
    }
    let Some(draft) = draft else { return Ok(()) };
    draft.persist(file).map_err(|error| fault(error.error))?;
    format.done(&format!("{}: {} KiB.", file.display(), size.div_ceil(1024)), &json!({ "file": file, "bytes": size }))
}

/// Takes an archive in, with a bar of the documents that are done.
pub(crate) async fn import(client: &Client, file: &Path, overwrite: bool, format: Format) -> Result<(), CliError> {
    if !file.is_file() {
        return Err(CliError::Usage(format!("{} is not a file", file.display())));
    }
    let strategy = if overwrite { "overwrite" } else { "skip" };
    let body = Body::File(PathBuf::from(file), vec![("strategy", strategy.to_owned())]);
    let mut events = client.follow_project(Request::post("/knowledge/import", body)).await?;
    let bar = bar();
    while let Some((name, data)) = events.next().await? {
        match name.as_str() {
            "progress" => {
                bar.set_length(data.get("total").and_then(Value::as_u64).unwrap_or(0));
                bar.set_position(data.get("done").and_then(Value::as_u64).unwrap_or(0));
            }
            "end" => {
                bar.finish_and_clear();
                return format.show(&data, summary);
            }
            "error" => return Err(CliError::Failed(cell(&data, "detail"))),
            _ => {}
        }
    }
    Err(CliError::Unreachable("the import broke off; the same command again goes on".to_owned()))
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} documents").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

fn summary(end: &Value) -> String {
    let figures = ["added", "updated", "unchanged", "skipped"].map(|name| format!("{} {name}", cell(end, name))).join(", ");
    let waiting = match end.get("to_embed").and_then(Value::as_u64) {
        Some(0) | None => String::new(),
        Some(left) => format!("; vectors of {left} passages are being made by jobs"),
    };
    format!("{} documents: {figures}{waiting}.", cell(end, "documents"))
}
