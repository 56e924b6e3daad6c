//! `commandcenter-api`: the API process. Reads the configuration, builds the application, serves until it is told to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use commandcenter_app::{App, shutdown_requested};
use commandcenter_config::{Config, Mode, Overrides};

/// The API of CommandCenter.
#[derive(Debug, Parser)]
#[command(name = "commandcenter-api", version)]
struct Arguments {
    /// Folder for files, the secret key and the model.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long)]
    bind: Option<String>,
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
            eprintln!("commandcenter-api: {err}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { data_dir, bind, config } = arguments;
    let overrides = Overrides { file: config, data_dir, bind, ..Overrides::mode(Mode::Api) };
    let config = Config::load(&overrides)?;
    commandcenter_app::install_crypto();
    let _logs = commandcenter_telemetry::init_logs(&config.log)?;
    let app = App::build(config, commandcenter_telemetry::install_metrics()?).await?;
    let listener = app.bind()?;
    tracing_started(&listener);
    Ok(app.serve_api(listener, shutdown_requested()).await?)
}

fn tracing_started(listener: &std::net::TcpListener) {
    if let Ok(address) = listener.local_addr() {
        eprintln!("commandcenter-api listens on http://{address}");
    }
}
