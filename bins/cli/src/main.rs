//! `commandcenter`: the client of a server, the operator's tools, and with `up` the whole server in one process.

mod args;
mod client;
mod command;
mod error;
mod model;
mod output;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;
use crate::output::Format;

fn main() -> ExitCode {
    // Started to read one file: without a runtime, a configuration or anything else to lose.
    commandcenter_app::serve_child().unwrap_or_else(start)
}

#[tokio::main]
async fn start() -> ExitCode {
    let arguments = Arguments::parse();
    let format = if arguments.global.json { Format::Json } else { Format::People };
    commandcenter_app::install_crypto();
    match command::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(format),
    }
}
