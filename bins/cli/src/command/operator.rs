//! What operator commands share: reading the configuration, and showing it.

use commandcenter_config::{Config, Mode, Overrides};
use serde_json::json;

use crate::args::{ConfigCommand, Global, Process};
use crate::error::CliError;
use crate::output::{Format, table};

/// What the flags say about the configuration.
pub(crate) fn overrides(global: &Global, mode: Mode, bind: Option<String>) -> Overrides {
    Overrides { file: global.config.clone(), data_dir: global.data_dir.clone(), bind, ..Overrides::mode(mode) }
}

/// Reads the configuration for an operator's command.
pub(crate) fn load(global: &Global) -> Result<Config, CliError> {
    Config::load(&overrides(global, Mode::Tool, None)).map_err(|error| CliError::Failed(error.to_string()))
}

/// Prints the effective configuration of a process, secrets masked. It makes nothing: a key that `up` would make is left to it.
pub(crate) fn check_config(global: &Global, command: ConfigCommand, format: Format) -> Result<(), CliError> {
    let ConfigCommand::Check { process } = command;
    let mode = match process {
        Process::Up => Mode::Tool,
        Process::Api => Mode::Api,
        Process::Worker => Mode::Worker,
    };
    let config = Config::load(&overrides(global, mode, None)).map_err(|error| CliError::Failed(error.to_string()))?;
    let settings: Vec<_> = config
        .settings()
        .into_iter()
        .map(|setting| json!({ "key": setting.key, "value": setting.value, "source": setting.source }))
        .collect();
    format.show(&json!({ "items": settings }), |_| table(&settings, &[("KEY", "key"), ("VALUE", "value"), ("SOURCE", "source")]))
}
