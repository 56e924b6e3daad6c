//! `commandcenter-worker`: the process that runs jobs. Reads the configuration, builds the application, works until it is told to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use commandcenter_app::{App, shutdown_requested};
use commandcenter_config::{Config, Mode, Overrides};

/// A worker of CommandCenter.
#[derive(Debug, Parser)]
#[command(name = "commandcenter-worker", version)]
struct Arguments {
    /// Folder for files, the secret key and the model.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    // Started to read one file: without a runtime, a configuration or anything else to lose.
    commandcenter_app::serve_child().unwrap_or_else(start)
}

#[tokio::main]
async fn start() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("commandcenter-worker: {err}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { data_dir, config } = arguments;
    let overrides = Overrides { file: config, data_dir, ..Overrides::mode(Mode::Worker) };
    let config = Config::load(&overrides)?;
    commandcenter_app::install_crypto();
    let _logs = commandcenter_telemetry::init_logs(&config.log)?;
    let app = App::build(config, commandcenter_telemetry::install_metrics()?).await?;
    eprintln!("commandcenter-worker runs jobs");
    Ok(app.run_worker(shutdown_requested()).await?)
}
