//! The enums of sources.

use crate::text_enum;

text_enum! {
    /// Where a source's documents come from.
    SourceKind {
        /// An RSS, Atom or JSON feed.
        Rss = "rss",
        /// A site of documentation, by its sitemap and its links.
        Documentation = "documentation",
        /// Documents that somebody pushes.
        Webhook = "webhook",
        /// A folder of the server.
        FileWatcher = "file_watcher",
        /// Stories of Hacker News that match keywords.
        HackerNews = "hacker_news",
        /// A tracked repository of GitHub: its documents, releases, commits and code.
        GitHub = "github",
    }
}

impl SourceKind {
    /// Whether it is read by jobs; the others are pushed.
    #[must_use]
    pub const fn is_read(self) -> bool {
        match self {
            Self::Rss | Self::Documentation | Self::FileWatcher | Self::HackerNews | Self::GitHub => true,
            Self::Webhook => false,
        }
    }
}

text_enum! {
    /// Where a source stands.
    SourceStatus {
        /// Never read.
        Pending = "pending",
        /// Is being read.
        Running = "running",
        /// Its last run reached its end.
        Success = "success",
        /// Its last run did not.
        Error = "error",
        /// Paused.
        Disabled = "disabled",
    }
}

text_enum! {
    /// What is known of an item.
    ItemState {
        /// It was found and not read yet.
        Found = "found",
        /// Its content is in the knowledge base.
        Seen = "seen",
        /// Its content is another item's, word for word.
        Duplicate = "duplicate",
        /// It is no longer there; its document was removed.
        Gone = "gone",
        /// It could not be read; a document of an earlier reading still answers.
        Failed = "failed",
        /// It was left out: forbidden by the site, or not text.
        Skipped = "skipped",
    }
}

text_enum! {
    /// How a run stands.
    RunStatus {
        /// Under way.
        Running = "running",
        /// Reached its end.
        Completed = "completed",
        /// Did not reach its end.
        Failed = "failed",
        /// Was stopped; what it read stays.
        Cancelled = "cancelled",
    }
}
