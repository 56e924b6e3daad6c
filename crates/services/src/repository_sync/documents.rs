//! The documents of a commit, brought into the knowledge base by what changed since.

use std::collections::BTreeMap;

use commandcenter_domain::Classified;
use commandcenter_domain::job::{Items, LogLevel};
use commandcenter_domain::knowledge::{RepositoryFile, Stored};
use commandcenter_domain::repository::{HostError, NewCommit, TreeDepth, TreeEntry};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

use super::failure::SyncFailure;
use super::report::Report;
use super::selection::{Candidate, documents, is_docs_folder};
use super::steps::Sync;

/// Files on their way at once: each may be as large as the limit.
const IN_FLIGHT: usize = 4;
/// Where the documents begin and end on the way to a hundred percent.
const FROM: usize = 25;
const TO: usize = 98;

/// A file on its way from the host to the knowledge base.
struct Fetched {
    path: String,
    blob_sha: String,
    content: Result<Vec<u8>, HostError>,
}

impl Sync<'_> {
    /// Makes the knowledge base hold the documents of `head` and no others.
    pub(super) async fn documents(&self, head: &NewCommit, report: &mut Report) -> Result<(), SyncFailure> {
        self.step(22, "looking for documents").await?;
        let wanted = self.wanted(head, report).await?;
        let stored = self.service.documents.stored(self.run.scope(), self.id).await?;
        let gone: Vec<String> = stored.keys().filter(|path| !wanted.contains_key(*path)).cloned().collect();
        self.remove(&gone, report).await?;
        let todo: Vec<(String, Candidate)> =
            wanted.into_iter().filter(|(path, candidate)| self.force || stored.get(path) != Some(&candidate.sha)).collect();
        let count = todo.len();
        let line = format!("{count} documents are new or changed, {} are gone", gone.len());
        self.run.log(LogLevel::Info, &line);
        let total = i32::try_from(count).ok();
        let mut items = Items { total, ..Items::default() };
        self.run.count(items);
        let mut fetched = stream::iter(todo).map(|(path, candidate)| self.fetch(path, candidate)).buffered(IN_FLIGHT);
        let mut done = 0;
        while let Some(Fetched { path, blob_sha, content }) = fetched.next().await {
            let percent = FROM + (TO - FROM) * done / count.max(1);
            self.step(i32::try_from(percent).unwrap_or(99), &format!("reading {path} ({} of {count})", done + 1)).await?;
            done += 1;
            let bytes = match content {
                Ok(bytes) => bytes,
                // The file's own fault, not the run's: the others are still worth having.
                Err(err @ (HostError::TooLarge { .. } | HostError::NotFound { .. })) => {
                    self.leave_out(&path, &stored, report).await?;
                    self.run.log(LogLevel::Warn, &format!("{path} is left out: {err}"));
                    report.skip(&path, err.to_string());
                    items.failed += 1;
                    self.run.count(items);
                    continue;
                }
                Err(err) => return Err(err.into()),
            };
            let was_there = stored.contains_key(&path);
            self.put(self.file(head, (path, blob_sha), bytes), was_there, report).await?;
            items.done += 1;
            self.run.count(items);
        }
        Ok(())
    }

    /// The documents of the commit that are within limits; what is not is reported.
    async fn wanted(&self, head: &NewCommit, report: &mut Report) -> Result<BTreeMap<String, Candidate>, SyncFailure> {
        let limits = self.service.limits;
        let mut wanted = documents(self.entries(head).await?);
        wanted.retain(|path, candidate| {
            let size = candidate.size.unwrap_or(0);
            let fits = size <= limits.document_bytes;
            if !fits {
                report.skip(path, format!("{size} bytes are more than the limit of {} bytes", limits.document_bytes));
            }
            fits
        });
        while wanted.len() > limits.documents {
            if let Some((path, _)) = wanted.pop_last() {
                report.skip(&path, format!("the repository has more than {} documents", limits.documents));
            }
        }
        Ok(wanted)
    }

    /// The files of the commit; of one too large for a single answer, those at the root and below `docs`.
    async fn entries(&self, head: &NewCommit) -> Result<Vec<TreeEntry>, SyncFailure> {
        let host = &self.service.host;
        let whole = host.tree(&self.target, &head.sha, TreeDepth::Recursive).await?;
        if !whole.truncated {
            return Ok(whole.entries);
        }
        let root = host.tree(&self.target, &head.sha, TreeDepth::Flat).await?;
        let mut entries = Vec::new();
        for folder in root.entries.iter().filter(|entry| is_docs_folder(entry)) {
            let below = host.tree(&self.target, &folder.sha, TreeDepth::Recursive).await?;
            entries.extend(below.entries.into_iter().map(|entry| TreeEntry { path: format!("{}/{}", folder.path, entry.path), ..entry }));
        }
        entries.extend(root.entries);
        Ok(entries)
    }

    fn fetch(&self, path: String, candidate: Candidate) -> BoxFuture<'_, Fetched> {
        Box::pin(async move {
            let blob_sha = candidate.sha;
            let content = self.service.host.blob(&self.target, &blob_sha, self.service.limits.document_bytes).await;
            Fetched { path, blob_sha, content }
        })
    }

    fn file(&self, head: &NewCommit, (path, blob_sha): (String, String), bytes: Vec<u8>) -> RepositoryFile {
        RepositoryFile {
            repository: self.id,
            repository_name: self.repository.full_name.clone(),
            commit_sha: head.sha.clone(),
            blob_sha,
            url: self.repository.url.as_ref().map(|url| format!("{url}/blob/{}/{}", head.sha, escaped(&path))),
            path,
            bytes,
        }
    }

    async fn put(&self, file: RepositoryFile, was_there: bool, report: &mut Report) -> Result<(), SyncFailure> {
        let path = file.path.clone();
        match self.service.documents.put(self.run.scope(), file).await {
            Ok(Stored::Indexed(_)) if was_there => report.documents_updated += 1,
            Ok(Stored::Indexed(_)) => report.documents_added += 1,
            Ok(Stored::Unchanged) => {}
            Ok(Stored::Unreadable(reason)) => report.skip(&path, reason),
            Err(err) if err.classify().0.is_of_the_input() => report.skip(&path, err.to_string()),
            Err(err) => return Err(err.into()),
        }
        Ok(())
    }

    /// What cannot be read any more must not answer with its old content.
    async fn leave_out(&self, path: &str, stored: &BTreeMap<String, String>, report: &mut Report) -> Result<(), SyncFailure> {
        if stored.contains_key(path) { self.remove(&[path.to_owned()], report).await } else { Ok(()) }
    }

    /// Removes every document of the repository.
    pub(super) async fn remove_all(&self, report: &mut Report) -> Result<(), SyncFailure> {
        let stored = self.service.documents.stored(self.run.scope(), self.id).await?;
        let paths: Vec<String> = stored.into_keys().collect();
        self.remove(&paths, report).await
    }

    async fn remove(&self, paths: &[String], report: &mut Report) -> Result<(), SyncFailure> {
        if !paths.is_empty() {
            self.step(24, &format!("removing {} documents that are gone", paths.len())).await?;
            report.documents_removed += self.service.documents.remove(self.run.scope(), self.id, paths).await?;
        }
        Ok(())
    }
}

/// A path as it stands in a URL.
fn escaped(path: &str) -> String {
    path.replace('%', "%25").replace(' ', "%20").replace('#', "%23").replace('?', "%3F")
}
