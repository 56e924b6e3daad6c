//! The arguments of the client's commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Who logs in.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Address of the account; asked for when absent
    #[arg(long, env = "COMMANDCENTER_EMAIL")]
    pub(crate) email: Option<String>,
    /// Password; better from the environment, or asked for
    #[arg(long, env = "COMMANDCENTER_PASSWORD", hide_env_values = true, hide = true)]
    pub(crate) password: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// Which part of a list.
#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// Page, from 1
    #[arg(long, default_value_t = 1)]
    pub(crate) page: u32,
    /// Items a page, at most 100
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
    /// Field to sort by; with - in front, downwards
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
}

/// Whether to follow a job.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct WaitArgs {
    /// Print the job's id and return instead of following it
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// Projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectsCommand {
    /// List the projects you are a member of
    List(PageArgs),
    /// Create a project and choose it
    Create {
        /// Its name
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// Show a project and what is in it
    Show {
        /// Id or name [default: the chosen one]
        project: Option<String>,
    },
    /// Choose the project later commands work in
    Use {
        /// Id or name
        project: String,
    },
}

/// Tracked repositories.
#[derive(Debug, Subcommand)]
pub(crate) enum ReposCommand {
    /// List the repositories of the project
    List {
        /// Words in name or description
        #[arg(long)]
        search: Option<String>,
        /// Main language
        #[arg(long)]
        language: Option<String>,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Track a repository
    Add {
        /// owner/name
        full_name: String,
        /// What it is
        #[arg(long)]
        description: Option<String>,
        /// It is private
        #[arg(long)]
        private: bool,
        /// Read an access token for it from standard input
        #[arg(long)]
        token_stdin: bool,
    },
    /// Show a repository
    Show {
        /// Id, or owner/name
        repository: String,
    },
    /// Stop tracking a repository; what it brought into the knowledge base goes too
    Remove {
        /// Id, or owner/name
        repository: String,
    },
}

/// A question.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// The question
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// Most answers, at most 50
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: u32,
    /// How to search
    #[arg(long, value_enum, default_value_t = SearchMode::Hybrid)]
    pub(crate) mode: SearchMode,
    /// Only documents of this category
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// Show how each answer got its place
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show the passages whole
    #[arg(long)]
    pub(crate) full: bool,
}

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SearchMode {
    /// By words and by meaning
    Hybrid,
    /// By words
    #[value(alias = "lexical")]
    Keyword,
    /// By meaning
    Vector,
}

impl SearchMode {
    /// Its name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Keyword => "keyword",
            Self::Vector => "vector",
        }
    }
}

/// Documents to upload.
#[derive(Debug, Args)]
pub(crate) struct UploadArgs {
    /// Text, Markdown, web pages, PDF, office documents, notebooks, source code; also the addresses of pages, which the server fetches
    #[arg(required = true, value_name = "FILE|URL")]
    pub(crate) files: Vec<PathBuf>,
    /// Category of the documents
    #[arg(long, default_value = "general")]
    pub(crate) category: String,
    /// Title, when it is one file [default: from the document]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Tags, separated by commas
    #[arg(long)]
    pub(crate) tags: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}
