//! What a source of a repository is read with.

use commandcenter_domain::job::JobRun;
use commandcenter_domain::repository::{AccessToken, HostTarget};
use commandcenter_domain::shared::RepositoryId;
use commandcenter_domain::source::{Place, ReadFailure, Source, SourceSession};

use super::SourceSyncService;
use super::failure::SyncFailure;
use crate::repository::cipher_context;

impl SourceSyncService {
    /// Opens the place of a source; a repository with the right that it is tracked with.
    pub(super) async fn open(&self, run: &dyn JobRun, source: &Source) -> Result<Box<dyn SourceSession>, SyncFailure> {
        let Place::GitHub { settings } = &source.place else { return Ok(self.reader.open(&source.place).await?) };
        let target = self.target(run, settings.repository).await?;
        Ok(self.reader.open_repository(target, settings)?)
    }

    async fn target(&self, run: &dyn JobRun, id: RepositoryId) -> Result<HostTarget, SyncFailure> {
        let repositories = self.store.repos().repositories();
        let Some(repository) = repositories.find(run.scope(), id).await? else {
            return Err(ReadFailure::Format("the repository that this source reads is not tracked any more".to_owned()).into());
        };
        let sealed = repositories.sync_state(run.scope(), id).await?.unwrap_or_default().sealed_token;
        let token = sealed.map(|sealed| self.cipher.open(&sealed, &cipher_context(run.scope()))).transpose()?;
        Ok(HostTarget { owner: repository.owner, name: repository.name, token: token.map(AccessToken::trusted) })
    }
}
