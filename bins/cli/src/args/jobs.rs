//! The arguments of `jobs`.

use clap::{Args, Subcommand};

use super::client::PageArgs;

/// Which jobs, whatever their status.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct JobFilter {
    /// Only jobs of this type, such as `repository_sync`
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) job_type: Option<String>,
    /// Only jobs of this queue, such as `sync`
    #[arg(long)]
    pub(crate) queue: Option<String>,
}

/// Jobs to cancel.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// Their ids
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with_all = ["all", "status", "job_type", "queue"])]
    pub(crate) jobs: Vec<String>,
    /// Every job that has not ended, as far as the filters let it through
    #[arg(long)]
    pub(crate) all: bool,
    /// Only jobs of this status: pending, running or retrying
    #[arg(long)]
    pub(crate) status: Option<String>,
    #[command(flatten)]
    pub(crate) filter: JobFilter,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Background jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List jobs, the newest first
    List {
        /// pending, running, retrying, completed, failed, cancelled or dead
        #[arg(long)]
        status: Option<String>,
        /// Jobs of the archive, where ended jobs go when their retention is over; those that ended last first
        #[arg(long, conflicts_with = "queue")]
        archived: bool,
        #[command(flatten)]
        filter: JobFilter,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show a job, archived or not
    Show {
        /// Its id
        job: String,
    },
    /// Follow a job to its end; with --json one frame a line
    Watch {
        /// Its id
        job: String,
    },
    /// Print what a job wrote while it ran; with --json one line each
    Logs {
        /// Its id
        job: String,
        /// Go on until the job has ended
        #[arg(long, short)]
        follow: bool,
    },
    /// Try jobs again that failed, are dead or were cancelled
    Retry {
        /// Their ids
        #[arg(value_name = "ID", required_unless_present = "all_failed", conflicts_with_all = ["all_failed", "job_type", "queue"])]
        jobs: Vec<String>,
        /// Every failed or dead job, as far as the filters let it through
        #[arg(long)]
        all_failed: bool,
        #[command(flatten)]
        filter: JobFilter,
    },
    /// Cancel jobs
    Cancel(CancelArgs),
    /// Show how the queues stand, or pause and resume one
    Queues {
        /// What to do
        #[command(subcommand)]
        command: Option<QueuesCommand>,
    },
    /// List the jobs that used up their attempts, try them again or discard them
    #[command(args_conflicts_with_subcommands = true)]
    Dead {
        /// What to do
        #[command(subcommand)]
        command: Option<DeadCommand>,
        #[command(flatten)]
        filter: JobFilter,
        #[command(flatten)]
        page: PageArgs,
    },
}

/// Queues.
#[derive(Debug, Subcommand)]
pub(crate) enum QueuesCommand {
    /// Start no more jobs of a queue; for admins of the instance
    Pause {
        /// Its name
        name: String,
    },
    /// Start the jobs of a queue again; for admins of the instance
    Resume {
        /// Its name
        name: String,
    },
}

/// Dead jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadCommand {
    /// Try them again
    Retry {
        /// Only these
        #[arg(value_name = "ID")]
        jobs: Vec<i64>,
        #[command(flatten)]
        filter: JobFilter,
    },
    /// Delete them
    Discard {
        /// Only these
        #[arg(value_name = "ID")]
        jobs: Vec<i64>,
        #[command(flatten)]
        filter: JobFilter,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}
