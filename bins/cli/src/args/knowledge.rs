//! The arguments of the commands on the knowledge base and its sources.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::client::{PageArgs, SearchArgs, SearchMode, UploadArgs, WaitArgs};

/// The knowledge base.
#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// Put documents into it and follow the jobs
    Add(UploadArgs),
    /// Find passages
    Search(SearchArgs),
    /// Answer a question in prose, each statement checked against its source
    Ask(AskArgs),
    /// List its documents
    List {
        /// Only this category
        #[arg(long)]
        category: Option<String>,
        /// Only this status
        #[arg(long)]
        status: Option<String>,
        /// Words in title or file name
        #[arg(long)]
        search: Option<String>,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show a document
    Show {
        /// Its id
        document: i64,
    },
    /// Delete a document and every trace of it
    Remove {
        /// Its id
        document: i64,
    },
    /// Write everything into an archive
    Export {
        /// Where to; - for standard output
        #[arg(value_name = "FILE", default_value = "knowledge.zip")]
        file: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Take an archive in; the same archive again goes on where it stopped
    Import {
        /// What an export wrote
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write over documents that are there with other content, instead of leaving them
        #[arg(long)]
        overwrite: bool,
    },
    /// Show which embedding model answers, or change it and follow the job that makes every vector anew
    Reindex(ReindexArgs),
    /// Run your own questions with their judgements, and compare with the last run of that name
    Eval {
        /// JSON as `POST /knowledge/evaluations` takes it; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Show every question
        #[arg(long)]
        queries: bool,
    },
}

/// Another embedding model.
#[derive(Debug, Args)]
pub(crate) struct ReindexArgs {
    /// Provider of the model, as `settings/providers` names it
    #[arg(long, requires = "model")]
    pub(crate) provider: Option<String>,
    /// One of its models
    #[arg(long, requires = "provider")]
    pub(crate) model: Option<String>,
    /// Length of vector to ask for, of a model that offers several
    #[arg(long, requires = "provider")]
    pub(crate) dimensions: Option<u32>,
    /// Back to the model of the installation
    #[arg(long, conflicts_with = "provider")]
    pub(crate) local: bool,
    /// Give up the change that is under way
    #[arg(long, conflicts_with_all = ["provider", "local"])]
    pub(crate) cancel: bool,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// A question that wants prose.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The question
    #[arg(required = true)]
    pub(crate) question: Vec<String>,
    /// Passages that the answer may lean on, at most 20
    #[arg(long, default_value_t = 8)]
    pub(crate) limit: u32,
    /// How to look for them
    #[arg(long, value_enum, default_value_t = SearchMode::Hybrid)]
    pub(crate) mode: SearchMode,
    /// Only documents of this category
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// Leave statements out whose source does not hold, instead of marking them
    #[arg(long)]
    pub(crate) drop: bool,
}

/// Sources of documents.
#[derive(Debug, Subcommand)]
pub(crate) enum SourcesCommand {
    /// List the sources of the project
    List(PageArgs),
    /// Add a source
    Add(AddSourceArgs),
    /// Show a source
    Show {
        /// Its id
        source: i64,
    },
    /// Read a source now and follow the job
    Run {
        /// Its id
        source: i64,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// List what its runs came to
    Runs {
        /// Its id
        source: i64,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Read it no more until it is resumed
    Pause {
        /// Its id
        source: i64,
    },
    /// Read it again by its schedule
    Resume {
        /// Its id
        source: i64,
    },
    /// Delete a source
    Remove {
        /// Its id
        source: i64,
    },
}

/// A source to add.
#[derive(Debug, Args)]
pub(crate) struct AddSourceArgs {
    /// Its name
    pub(crate) name: String,
    /// What it is
    #[arg(long = "type", value_enum)]
    pub(crate) kind: SourceKind,
    /// Address of a feed, or the first page of a site
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Folder of the server, absolute
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// Settings of its kind, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub(crate) settings: Option<String>,
    /// Cron expression, such as "0 4 * * *"
    #[arg(long)]
    pub(crate) schedule: Option<String>,
    /// Read the secret for pushes from standard input
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceKind {
    /// RSS, Atom or JSON feed
    Rss,
    /// Site of documentation
    Documentation,
    /// Folder of the server
    FileWatcher,
    /// Stories of Hacker News by keyword
    HackerNews,
    /// Tracked repository of GitHub; its id and what to read of it in --settings
    Github,
    /// A door that others push documents through
    Webhook,
}

impl SourceKind {
    /// Its name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Documentation => "documentation",
            Self::FileWatcher => "file_watcher",
            Self::HackerNews => "hacker_news",
            Self::Github => "github",
            Self::Webhook => "webhook",
        }
    }
}
