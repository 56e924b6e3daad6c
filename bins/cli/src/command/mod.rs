//! The commands, one file a topic.

mod account;
mod archive;
mod ask;
mod completions;
mod confirm;
mod doctor;
mod jobs;
mod knowledge;
mod migrate;
mod models;
mod openapi;
mod operator;
mod projects;
mod prompts;
mod reindex;
mod repos;
mod search;
mod sources;
mod up;
mod upload;

use crate::args::{Arguments, Command};
use crate::client::Client;
use crate::error::CliError;
use crate::output::Format;

/// Does what the command line says.
pub(crate) async fn run(arguments: Arguments) -> Result<(), CliError> {
    let Arguments { global, command } = arguments;
    let format = if global.json { Format::Json } else { Format::People };
    match command {
        Command::Up { bind } => up::run(&global, bind).await,
        Command::Register(login) => account::register(&Client::of(&global)?, login, format).await,
        Command::Login(login) => account::log_in(&Client::of(&global)?, login, format).await,
        Command::Logout => account::log_out(&Client::of(&global)?, format).await,
        Command::Projects(command) => projects::run(&Client::of(&global)?, command, format).await,
        Command::Repos(command) => repos::run(&Client::of(&global)?, command, format).await,
        Command::Sync { repository, force, wait } => {
            let sync = repos::Sync { repository, force, wait };
            sync.run(&Client::of(&global)?, format).await
        }
        Command::Search(search) => search::run(&Client::of(&global)?, search, format).await,
        Command::Ask(ask) => ask::run(&Client::of(&global)?, ask, format).await,
        Command::Knowledge(command) => knowledge::run(&Client::of(&global)?, command, format).await,
        Command::Sources(command) => sources::run(&Client::of(&global)?, command, format).await,
        Command::Prompts(command) => prompts::run(&Client::of(&global)?, command, format).await,
        Command::Upload(upload) => upload::run(&Client::of(&global)?, upload, format).await,
        Command::Jobs(command) => jobs::run(&Client::of(&global)?, command, format).await,
        Command::Migrate(command) => migrate::run(&global, command, format).await,
        Command::Config(command) => operator::check_config(&global, command, format),
        Command::Doctor { bind } => doctor::run(&global, bind, format).await,
        Command::Openapi { output } => openapi::run(output.as_deref()),
        Command::Models(command) => models::run(&global, command, format).await,
        Command::Completions { shell } => completions::run(shell),
    }
}
