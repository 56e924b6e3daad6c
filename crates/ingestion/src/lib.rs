//! Reads sources of documents: feeds, sites, folders, Hacker News. One polite HTTP client for all of them, which reaches no address that it
//! must not.

mod feed;
mod fetch;
mod folder;
mod github;
mod github_files;
mod guard;
mod hacker_news;
mod links;
mod pace;
mod page;
mod reader;
mod robots;
mod sign;
mod site;
mod sitemap;
mod wait;

pub use fetch::{FetchOptions, Fetched, Fetcher, Request, SetupError};
pub use guard::AllowList;
pub use reader::{Reader, ReaderOptions};
pub use sign::Signatures;
