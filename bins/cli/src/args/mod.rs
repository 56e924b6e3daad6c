//! The command line as clap reads it.

mod client;
mod jobs;
mod knowledge;
mod operator;
mod prompts;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::client::{LoginArgs, PageArgs, ProjectsCommand, ReposCommand, SearchArgs, UploadArgs, WaitArgs};
pub(crate) use self::jobs::{CancelArgs, DeadCommand, JobFilter, JobsCommand, QueuesCommand};
pub(crate) use self::knowledge::{AddSourceArgs, AskArgs, KnowledgeCommand, ReindexArgs, SourcesCommand};
pub(crate) use self::operator::{ConfigCommand, MigrateCommand, ModelSource, ModelsCommand, Process};
pub(crate) use self::prompts::PromptsCommand;
use crate::error::EXIT_CODES;

/// CommandCenter: repositories, technologies, research and knowledge of a team, on a server of its own.
#[derive(Debug, Parser)]
#[command(name = "commandcenter", version, after_help = EXIT_CODES, infer_subcommands = false)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Server to talk to [default: the one last logged in to, else <http://127.0.0.1:8000>]
    #[arg(long, global = true, env = "COMMANDCENTER_URL", value_name = "URL", help_heading = "Client")]
    pub(crate) server: Option<String>,
    /// API key or access token, instead of a login
    #[arg(long, global = true, env = "COMMANDCENTER_TOKEN", hide_env_values = true, value_name = "TOKEN", help_heading = "Client")]
    pub(crate) token: Option<String>,
    /// Project to work in, by id or name [default: the one chosen with `projects use`]
    #[arg(long, global = true, env = "COMMANDCENTER_PROJECT", value_name = "ID|NAME", help_heading = "Client")]
    pub(crate) project: Option<String>,
    /// File that keeps logins [default: commandcenter/credentials.json in ~/.config]
    #[arg(long, global = true, env = "COMMANDCENTER_CREDENTIALS", value_name = "FILE", help_heading = "Client")]
    pub(crate) credentials: Option<PathBuf>,
    /// Where configuration files of this user are
    #[arg(long, global = true, env = "XDG_CONFIG_HOME", hide = true)]
    pub(crate) config_home: Option<PathBuf>,
    /// Folder of the database, the secret key and the model [default: ./data]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Operator")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Configuration file [default: commandcenter.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Operator")]
    pub(crate) config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in this process: API, worker and dashboard
    Up {
        /// Address and port to listen on [default: 127.0.0.1:8000]
        #[arg(long, value_name = "ADDRESS")]
        bind: Option<String>,
    },
    /// Create an account and log in; the first account of a server is its admin
    Register(LoginArgs),
    /// Log in and keep the session for later commands
    Login(LoginArgs),
    /// End the session and forget it
    Logout,
    /// Projects
    #[command(subcommand)]
    Projects(ProjectsCommand),
    /// Tracked repositories
    #[command(subcommand)]
    Repos(ReposCommand),
    /// Synchronise a repository and follow the job
    Sync {
        /// Id, or owner/name
        repository: String,
        /// Read everything again, also what has not changed
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Find passages in the knowledge base
    Search(SearchArgs),
    /// Answer a question in prose, each statement checked against its source
    Ask(AskArgs),
    /// The knowledge base
    #[command(subcommand)]
    Knowledge(KnowledgeCommand),
    /// Sources that documents come from
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Texts that models are instructed with
    #[command(subcommand)]
    Prompts(PromptsCommand),
    /// Put documents into the knowledge base and follow the jobs
    Upload(UploadArgs),
    /// Background jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// The database's schema
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check everything a server needs, and say what to do about what is missing
    Doctor {
        /// Address and port the server will listen on
        #[arg(long, value_name = "ADDRESS")]
        bind: Option<String>,
    },
    /// Print the OpenAPI document of this version
    Openapi {
        /// Write it to a file instead
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// The embedding model
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Print a script that completes commands in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}
