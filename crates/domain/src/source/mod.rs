//! Sources of documents: feeds, sites, folders, searches and pushes that a project reads into its knowledge base.

mod canonical;
mod error;
mod github;
mod input;
mod kind;
mod model;
mod place;
mod ports;
mod reader;
mod settings;

pub use canonical::CanonicalUrl;
pub use error::SourceError;
pub use github::{GithubSettings, RepositoryPart};
pub use input::{NewSource, PushInput, PushedDocument, SourceFilter, SourceInput, SourceSecret, SourceSort};
pub use kind::{ItemState, RunStatus, SourceKind, SourceStatus};
pub use model::{Counters, ItemError, Source, SourceItem, SourceRun, SourceSyncRequest};
pub use place::{Filing, Place};
pub use ports::{ItemWrite, RunUpdate, SourceRepo, SourceUpdate, Standing};
pub use reader::{
    Body, Content, Lead, Listed, Listing, Page, PageReader, PushSignatures, Read, ReadFailure, SourceReader, SourceSession, Validators,
};
pub use settings::{FeedSettings, FolderSettings, HackerNewsSettings, SiteSettings};
