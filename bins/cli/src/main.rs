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

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let format = if arguments.global.json { Format::Json } else { Format::People };
    commandcenter_app::install_crypto();
    match command::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(format),
    }
}
