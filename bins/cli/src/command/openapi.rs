//! `openapi`.

use std::path::Path;

use crate::error::CliError;
use crate::output::print;

/// Prints the OpenAPI document, or writes it to a file.
pub(crate) fn run(output: Option<&Path>) -> Result<(), CliError> {
    let document = commandcenter_app::openapi().to_pretty_json().map_err(|e| CliError::Failed(e.to_string()))?;
    match output {
        Some(path) => std::fs::write(path, format!("{document}\n")).map_err(|e| CliError::Failed(format!("{}: {e}", path.display()))),
        None => print(&document),
    }
}
