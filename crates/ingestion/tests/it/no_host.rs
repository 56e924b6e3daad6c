//! A host of repositories that has none.

use async_trait::async_trait;
use commandcenter_domain::repository::{
    CommitPage, CommitRange, Fetched, HostError, HostRepository, HostTarget, NewCommit, ReleasePage, RepositoryHost, Tree, TreeDepth,
};

pub(crate) struct NoHost;

#[async_trait]
impl RepositoryHost for NoHost {
    async fn repository(&self, _: &HostTarget, _: Option<&str>) -> Result<Fetched<HostRepository>, HostError> {
        Err(HostError::EmptyRepository)
    }
    async fn head(&self, _: &HostTarget, _: &str) -> Result<NewCommit, HostError> {
        Err(HostError::EmptyRepository)
    }
    async fn commits(&self, _: &HostTarget, _: &CommitRange, _: u32) -> Result<CommitPage, HostError> {
        Err(HostError::EmptyRepository)
    }
    async fn releases(&self, _: &HostTarget, _: u32) -> Result<ReleasePage, HostError> {
        Err(HostError::EmptyRepository)
    }
    async fn tree(&self, _: &HostTarget, _: &str, _: TreeDepth) -> Result<Tree, HostError> {
        Err(HostError::EmptyRepository)
    }
    async fn blob(&self, _: &HostTarget, _: &str, _: u64) -> Result<Vec<u8>, HostError> {
        Err(HostError::EmptyRepository)
    }
}
