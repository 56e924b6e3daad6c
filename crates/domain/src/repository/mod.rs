//! Repositories that a project tracks: what is known of them, their commits, and the host they live on.

mod error;
mod host;
mod model;
mod name;
mod ports;
mod token;

pub use error::RepositoryError;
pub use host::{
    CommitPage, CommitRange, Fetched, HostError, HostRelease, HostRepository, HostTarget, ReleasePage, RepositoryHost, Tree, TreeDepth,
    TreeEntry, TreeKind,
};
pub use model::{
    Commit, LastCommit, NewCommit, NewRepository, Repository, RepositoryFilter, RepositoryInput, RepositoryPatch, RepositoryPatchInput,
    RepositorySortKey, SyncRequest, SyncStatus,
};
pub use name::{RepositoryName, RepositoryOwner};
pub use ports::{CommitRepo, RepositoryRepo, RepositoryUpdate, SyncState};
pub use token::AccessToken;
