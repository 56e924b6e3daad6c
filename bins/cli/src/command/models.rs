//! `models fetch`: puts the embedding model where the server looks for it.

use std::path::Path;

use commandcenter_config::Config;
use serde_json::{Value, json};

use crate::args::{Global, ModelSource, ModelsCommand};
use crate::command::operator;
use crate::error::CliError;
use crate::model::{FILES, ModelFile, from_hub, from_index};
use crate::output::{Format, table};

/// Whether a folder holds every file of a model, whichever model it is.
pub(crate) fn present(directory: &Path) -> bool {
    FILES.iter().all(|file| directory.join(file.name).is_file())
}

/// Fetches what is missing.
pub(crate) async fn run(global: &Global, command: ModelsCommand, format: Format) -> Result<(), CliError> {
    let ModelsCommand::Fetch { force, from } = command;
    let config = operator::load(global)?;
    let directory = &config.rag.model_dir;
    std::fs::create_dir_all(directory).map_err(|e| CliError::Failed(format!("{}: {e}", directory.display())))?;
    let mut items = Vec::new();
    for file in &FILES {
        let how = if force || !directory.join(file.name).exists() { fetch(file, &config, from).await? } else { kept(file, directory)? };
        items.push(json!({ "file": file.name, "path": directory.join(file.name), "from": how }));
    }
    let document = json!({ "model_dir": directory, "items": items });
    format.show(&document, |document| {
        let items = document.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        table(items, &[("FILE", "path"), ("FROM", "from")])
    })
}

/// A file that is there is never replaced unasked: it may be a model of the operator's choice.
fn kept(file: &ModelFile, directory: &Path) -> Result<&'static str, CliError> {
    let is_ours = file.is_at(&directory.join(file.name)).map_err(|e| CliError::Failed(e.to_string()))?;
    Ok(if is_ours { "there already" } else { "there already, and not the pinned one; --force replaces it" })
}

async fn fetch(file: &'static ModelFile, config: &Config, from: ModelSource) -> Result<&'static str, CliError> {
    let directory = &config.rag.model_dir;
    let hub = match from {
        ModelSource::Auto | ModelSource::Hub => from_hub(file, &config.rag.hub_url, directory).await,
        ModelSource::Index => Err(String::new()),
    };
    match (hub, from) {
        (Ok(()), _) => Ok("the model hub"),
        (Err(problem), ModelSource::Hub) => Err(CliError::Failed(format!("{}: {problem}", file.name))),
        (Err(hub_problem), ModelSource::Auto | ModelSource::Index) => match from_index(file, directory).await {
            Ok(()) => Ok("the package index"),
            Err(problem) if hub_problem.is_empty() => Err(CliError::Failed(format!("{}: {problem}", file.name))),
            Err(problem) => Err(CliError::Failed(format!("{}: {hub_problem}; {problem}", file.name))),
        },
    }
}
