//! `up`: everything in one process.

use commandcenter_app::{App, shutdown_requested};
use commandcenter_config::{Config, Mode};

use crate::args::Global;
use crate::command::{models, operator};
use crate::error::CliError;

/// Serves until told to stop.
pub(crate) async fn run(global: &Global, bind: Option<String>) -> Result<(), CliError> {
    let config = Config::load(&operator::overrides(global, Mode::Up, bind)).map_err(failed)?;
    let _logs = commandcenter_telemetry::init_logs(&config.log).map_err(failed)?;
    let metrics = commandcenter_telemetry::install_metrics().map_err(failed)?;
    let (configured, data_dir, model_dir) = (config.server.public_url.clone(), config.data_dir.clone(), config.rag.model_dir.clone());
    let derived = config.server.bind.port() != 0;
    let app = App::build(config, metrics).await.map_err(failed)?;
    let listener = app.bind().map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = if derived { configured } else { format!("http://{address}") };
    eprintln!("CommandCenter {} listens on http://{address}, data in {}", env!("CARGO_PKG_VERSION"), data_dir.display());
    eprintln!("Open {url}; the first account is made there, or with: commandcenter register --server {url}");
    if !models::present(&model_dir) {
        eprintln!("There is no embedding model in {}, so search goes by words only: commandcenter models fetch", model_dir.display());
    }
    app.up(listener, shutdown_requested()).await.map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Failed(error.to_string())
}
