//! A run, step by step: the repository itself, its newest commit, the commits before it, the documents at it.

use commandcenter_domain::StoreError;
use commandcenter_domain::job::{JobRun, LogLevel};
use commandcenter_domain::repository::{CommitRange, Fetched, HostError, HostTarget, NewCommit, Repository, SyncState};
use commandcenter_domain::shared::RepositoryId;
use serde_json::json;

use super::RepositorySyncService;
use super::failure::SyncFailure;
use super::report::Report;
use crate::repository::{Change, record};

/// How far the reading of commits got.
enum Reached {
    /// There are no more.
    End,
    /// There are more than are taken over.
    Limit,
}

/// One run.
pub(super) struct Sync<'a> {
    pub(super) service: &'a RepositorySyncService,
    pub(super) run: &'a dyn JobRun,
    pub(super) id: RepositoryId,
    pub(super) force: bool,
    pub(super) target: HostTarget,
    pub(super) repository: Repository,
    pub(super) state: SyncState,
}

impl Sync<'_> {
    pub(super) async fn perform(mut self) -> Result<Report, SyncFailure> {
        let branch = self.metadata().await?;
        self.step(5, "looking for new commits").await?;
        let head = match self.service.host.head(&self.target, &branch).await {
            Err(HostError::EmptyRepository) => return self.empty().await,
            head => head?,
        };
        if !self.force && self.state.cursor.as_ref() == Some(&head.sha) {
            self.run.log(LogLevel::Info, &format!("nothing new since {}", head.sha));
            let report = Report { head_sha: Some(head.sha.clone()), ..Report::default() };
            return self.finish(report).await;
        }
        let commits_added = self.commits(&head).await?;
        self.run.log(LogLevel::Info, &format!("{branch} is at {}, {commits_added} commits are new", head.sha));
        let repositories = self.service.store.repos();
        repositories.repositories().set_head(self.run.scope(), self.id, Some(&head), self.service.clock.now()).await?;
        let mut report = Report { commits_added, head_sha: Some(head.sha.clone()), ..Report::default() };
        self.documents(&head, &mut report).await?;
        report.changes_detected = self.state.cursor.as_ref() != Some(&head.sha);
        self.state.cursor = Some(head.sha);
        self.finish(report).await
    }

    /// Says what is being done, unless the run should stop.
    pub(super) async fn step(&self, percent: i32, text: &str) -> Result<(), SyncFailure> {
        if self.run.is_cancelled() {
            return Err(SyncFailure::Cancelled);
        }
        self.run.progress(percent, text).await;
        Ok(())
    }

    /// Takes over what the host says of the repository; answers the branch to follow.
    async fn metadata(&mut self) -> Result<String, SyncFailure> {
        self.step(1, &format!("asking GitHub about {}", self.repository.full_name)).await?;
        // Without a branch of an earlier run, "unchanged" would be no answer.
        let known = self.repository.default_branch.clone().filter(|_| !self.force);
        let etag = known.as_ref().and(self.state.etag.as_deref());
        match (self.service.host.repository(&self.target, etag).await?, known) {
            (Fetched::Fresh { value, etag }, _) => {
                self.state.etag = etag;
                let branch = value.default_branch.clone();
                self.take_over(value).await?;
                Ok(branch)
            }
            (Fetched::Unchanged, Some(branch)) => Ok(branch),
            (Fetched::Unchanged, None) => Err(HostError::Unexpected("unchanged, although nothing was known".to_owned()).into()),
        }
    }

    async fn take_over(&mut self, mut value: commandcenter_domain::repository::HostRepository) -> Result<(), SyncFailure> {
        let (scope, now) = (self.run.scope(), self.service.clock.now());
        let repositories = self.service.store.repos();
        let written = repositories.repositories().set_metadata(scope, self.id, &value, now).await;
        if let Err(StoreError::Duplicate(_)) = written {
            // Renamed to a repository that the project tracks as well: both keep their names, the host follows the old one.
            value.owner.clone_from(&self.repository.owner);
            value.name.clone_from(&self.repository.name);
            repositories.repositories().set_metadata(scope, self.id, &value, now).await?;
        } else {
            written?;
        }
        self.target.owner = value.owner;
        self.target.name = value.name;
        self.repository.full_name = format!("{}/{}", self.target.owner, self.target.name);
        self.repository.url = value.url;
        Ok(())
    }

    /// Stores the commits that are not there yet.
    async fn commits(&self, head: &NewCommit) -> Result<u64, SyncFailure> {
        let limits = self.service.limits;
        let all = CommitRange::Until { head: head.sha.clone() };
        let Some(base) = self.state.cursor.clone().filter(|_| !self.force) else {
            return Ok(self.pages(&all, limits.history_pages).await?.0);
        };
        let since = CommitRange::Between { base, head: head.sha.clone() };
        match self.pages(&since, limits.update_pages).await {
            Ok((added, Reached::End)) => Ok(added),
            // A comparison begins with the oldest: the newest are still missing.
            Ok((added, Reached::Limit)) => Ok(added + self.pages(&all, limits.history_pages).await?.0),
            // The base is gone after a forced push, or the comparison is too much for the host: the plain history will do.
            Err(SyncFailure::Host(
                HostError::NotFound { .. } | HostError::ServerError { .. } | HostError::Refused { .. } | HostError::Unexpected(_),
            )) => Ok(self.pages(&all, limits.history_pages).await?.0),
            Err(failure) => Err(failure),
        }
    }

    async fn pages(&self, range: &CommitRange, most: u32) -> Result<(u64, Reached), SyncFailure> {
        let mut added = 0;
        for page in 1..=most {
            let percent = 8 + i32::try_from(page.min(12)).unwrap_or(12);
            self.step(percent, &format!("reading commits, page {page}")).await?;
            let found = self.service.host.commits(&self.target, range, page).await?;
            let commits = self.service.store.repos();
            added += commits.commits().insert_missing(self.run.scope(), self.id, &found.commits).await?;
            if !found.has_next {
                return Ok((added, Reached::End));
            }
        }
        Ok((added, Reached::Limit))
    }

    /// A repository without commits: nothing to show and nothing to find, and that is no failure.
    async fn empty(mut self) -> Result<Report, SyncFailure> {
        let mut report = Report { note: Some("the repository has no commits yet"), ..Report::default() };
        let repositories = self.service.store.repos();
        repositories.repositories().set_head(self.run.scope(), self.id, None, self.service.clock.now()).await?;
        self.remove_all(&mut report).await?;
        report.changes_detected = self.state.cursor.take().is_some();
        self.finish(report).await
    }

    async fn finish(self, report: Report) -> Result<Report, SyncFailure> {
        let (scope, now) = (self.run.scope(), self.service.clock.now());
        let tx = self.service.store.begin().await?;
        tx.repositories().finish_sync(scope, self.id, &self.state, now).await?;
        let detail = json!({
            "full_name": self.repository.full_name,
            "head_sha": report.head_sha,
            "commits_added": report.commits_added,
            "documents_added": report.documents_added,
            "documents_updated": report.documents_updated,
            "documents_removed": report.documents_removed,
            "changes_detected": report.changes_detected,
        });
        record(&*tx, scope, Change { verb: "repository.synced", kind: "cc.repository.synced.v1", id: self.id, detail, at: now }).await?;
        tx.commit().await?;
        self.run.progress(100, if report.changes_detected { "up to date" } else { "nothing new" }).await;
        Ok(report)
    }
}
