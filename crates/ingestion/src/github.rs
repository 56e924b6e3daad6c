//! A tracked repository: its files by their hashes, its releases by their ids, its commits by theirs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use commandcenter_domain::repository::{
    CommitRange, Fetched, HostError, HostRelease, HostRepository, HostTarget, NewCommit, RepositoryHost, TreeDepth, TreeEntry, TreeKind,
};
use commandcenter_domain::source::{
    Body, Content, GithubSettings, Lead, Listed, Listing, Page, Read, ReadFailure, RepositoryPart, SourceSession, Validators,
};
use sha2::{Digest, Sha256};

use crate::github_files::{Globs, part_of};

/// Most bytes of a file.
const LIMIT: u64 = 5 * 1024 * 1024;
/// Beginnings of keys.
const FILES: &str = "files/";
const RELEASES: &str = "releases/";
const COMMITS: &str = "commits/";

/// A repository that is being read.
pub(crate) struct GithubSession {
    host: Arc<dyn RepositoryHost>,
    target: HostTarget,
    settings: GithubSettings,
    globs: Globs,
    files: Mutex<Files>,
}

/// The files of the commit that is being read.
#[derive(Debug, Default)]
struct Files {
    /// Where people find a file of it, without its path.
    page: Option<String>,
    by_path: BTreeMap<String, (String, Option<u64>)>,
}

impl GithubSession {
    pub(crate) fn new(host: Arc<dyn RepositoryHost>, target: HostTarget, settings: GithubSettings) -> Result<Self, ReadFailure> {
        let globs = Globs::new(&settings)?;
        Ok(Self { host, target, settings, globs, files: Mutex::default() })
    }

    async fn repository(&self) -> Result<HostRepository, HostError> {
        match self.host.repository(&self.target, None).await? {
            Fetched::Fresh { value, .. } => Ok(value),
            Fetched::Unchanged => Err(HostError::Unexpected("\"not modified\" to a question without a validator".to_owned())),
        }
    }

    /// The newest commit; `None` of a repository without any.
    async fn head(&self, branch: &str) -> Result<Option<NewCommit>, HostError> {
        match self.host.head(&self.target, branch).await {
            Ok(head) => Ok(Some(head)),
            Err(HostError::EmptyRepository) => Ok(None),
            Err(err) => Err(err),
        }
    }

    async fn releases(&self, listing: &mut Listing) -> Result<Vec<HostRelease>, HostError> {
        let (mut releases, most) = (Vec::new(), self.settings.max_releases);
        for page in 1.. {
            let found = self.host.releases(&self.target, page).await?;
            releases.extend(found.releases);
            if !found.has_next && releases.len() <= most {
                return Ok(releases);
            }
            if releases.len() >= most {
                break;
            }
        }
        releases.truncate(most);
        listing.kept.push(RELEASES);
        listing.notes.push(format!("there are more than {most} releases: the newest were taken"));
        Ok(releases)
    }

    async fn commits(&self, head: &NewCommit, listing: &mut Listing) -> Result<Vec<NewCommit>, HostError> {
        let (mut commits, most) = (Vec::new(), self.settings.max_commits);
        let range = CommitRange::Until { head: head.sha.clone() };
        for page in 1.. {
            let found = self.host.commits(&self.target, &range, page).await?;
            commits.extend(found.commits);
            if !found.has_next && commits.len() <= most {
                return Ok(commits);
            }
            if commits.len() >= most {
                break;
            }
        }
        commits.truncate(most);
        listing.kept.push(COMMITS);
        listing.notes.push(format!("there are more than {most} commits: the newest were taken"));
        Ok(commits)
    }

    /// Every file of a commit; of one too large for a single answer, folder by folder.
    async fn entries(&self, head: &NewCommit, listing: &mut Listing) -> Result<Vec<TreeEntry>, HostError> {
        let whole = self.host.tree(&self.target, &head.sha, TreeDepth::Recursive).await?;
        if !whole.truncated {
            return Ok(whole.entries);
        }
        let mut entries = self.host.tree(&self.target, &head.sha, TreeDepth::Flat).await?.entries;
        let folders: Vec<TreeEntry> = entries.iter().filter(|entry| entry.kind == TreeKind::Folder).cloned().collect();
        for folder in folders {
            let below = self.host.tree(&self.target, &folder.sha, TreeDepth::Recursive).await?;
            if below.truncated {
                listing.kept.push(FILES);
                listing.notes.push(format!("the folder {} is larger than GitHub lists: not all of its files were seen", folder.path));
            }
            entries.extend(below.entries.into_iter().map(|entry| TreeEntry { path: format!("{}/{}", folder.path, entry.path), ..entry }));
        }
        Ok(entries)
    }

    async fn files(&self, (repository, head): (&HostRepository, &NewCommit), listing: &mut Listing) -> Result<(), HostError> {
        let entries = self.entries(head, listing).await?;
        let wanted = entries.into_iter().filter(|entry| self.globs.wants(&self.settings, entry));
        let mut by_path: BTreeMap<_, _> = wanted.map(|entry| (entry.path, (entry.sha, entry.size))).collect();
        let (found, most) = (by_path.len(), self.settings.max_files);
        if found > most {
            let cut = by_path.keys().nth(most).cloned().unwrap_or_default();
            drop(by_path.split_off(&cut));
            listing.kept.push(FILES);
            listing.notes.push(format!("{found} files are wanted: the first {most} by path were taken"));
        }
        let lead = |path: &String| Lead { key: format!("{FILES}{path}"), body: Body::Remote, depth: 0 };
        listing.leads.extend(by_path.keys().map(lead));
        let page = repository.url.as_ref().map(|url| format!("{url}/blob/{}", head.sha));
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = Files { page, by_path };
        Ok(())
    }

    async fn fresh(
        &self,
        (repository, head): (&HostRepository, Option<NewCommit>),
        releases: Vec<HostRelease>,
        mut listing: Listing,
    ) -> Result<Listing, HostError> {
        let name = format!("{}/{}", repository.owner, repository.name);
        match &head {
            Some(head) => {
                let parts = [RepositoryPart::Readme, RepositoryPart::Docs, RepositoryPart::Code];
                if parts.into_iter().any(|part| self.settings.reads(part)) {
                    self.files((repository, head), &mut listing).await?;
                }
                if self.settings.reads(RepositoryPart::Commits) {
                    let commits = self.commits(head, &mut listing).await?;
                    listing.leads.extend(commits.into_iter().filter_map(|commit| of_commit(&name, commit)));
                }
            }
            None => listing.notes.push(HostError::EmptyRepository.to_string()),
        }
        listing.leads.extend(releases.into_iter().map(|release| of_release(&name, release)));
        Ok(listing)
    }
}

#[async_trait]
impl SourceSession for GithubSession {
    async fn list(&self, known: &Validators) -> Result<Listed, ReadFailure> {
        let mut listing = Listing { is_complete: true, ..Listing::default() };
        let repository = self.repository().await?;
        let head = self.head(&repository.default_branch).await?;
        let releases = if self.settings.reads(RepositoryPart::Releases) { self.releases(&mut listing).await? } else { Vec::new() };
        listing.validators = Validators { etag: Some(fingerprint(head.as_ref(), &releases)), last_modified: None };
        if listing.validators == *known {
            return Ok(Listed::Unchanged);
        }
        Ok(Listed::Fresh(self.fresh((&repository, head), releases, listing).await?))
    }

    async fn read(&self, key: &str, known: &Validators) -> Result<Read, ReadFailure> {
        let found = {
            let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            let path = key.strip_prefix(FILES).unwrap_or_default();
            files.by_path.get(path).map(|(sha, size)| (path.to_owned(), sha.clone(), *size, files.page.clone()))
        };
        let Some((path, sha, size, page)) = found else { return Ok(Read::Gone("it is not in the repository any more".to_owned())) };
        let validators = Validators { etag: Some(sha.clone()), last_modified: None };
        if validators == *known {
            return Ok(Read::Unchanged);
        }
        let too_large = || Ok(Read::Skipped(format!("it is larger than {LIMIT} bytes")));
        if size.is_some_and(|size| size > LIMIT) {
            return too_large();
        }
        match self.host.blob(&self.target, &sha, LIMIT).await {
            Ok(bytes) => {
                let content = of_file(&path, page, bytes);
                Ok(Read::Page(Page { content, validators, links: Vec::new(), moved_to: None }))
            }
            Err(HostError::TooLarge { .. }) => too_large(),
            Err(err) => Err(err.into()),
        }
    }
}

/// What changes when there is something new to read.
fn fingerprint(head: Option<&NewCommit>, releases: &[HostRelease]) -> String {
    let mut hash = Sha256::new();
    for release in releases {
        hash.update(format!("{:?}", (release.id, &release.tag, &release.name, &release.notes)));
    }
    let releases = hex::encode(&hash.finalize()[..8]);
    format!("{}-{releases}", head.map_or("empty", |head| head.sha.as_str()))
}

fn of_file(path: &str, page: Option<String>, bytes: Vec<u8>) -> Content {
    // Documents name themselves; code is known by where it lies.
    let title = (part_of(path) == Some(RepositoryPart::Code)).then(|| path.to_owned());
    let escaped = path.replace('%', "%25").replace(' ', "%20").replace('#', "%23").replace('?', "%3F");
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    Content { name, title, url: page.map(|page| format!("{page}/{escaped}")), bytes }
}

fn of_release(repository: &str, release: HostRelease) -> Lead {
    let HostRelease { id, tag, name, notes, url, published_at } = release;
    let called = line(&name.unwrap_or_else(|| tag.clone()));
    let date = published_at.map(|at| format!(", published on {}", at.format("%Y-%m-%d"))).unwrap_or_default();
    let text = format!("# {called}\n\nRelease {} of {repository}{date}.\n\n{notes}\n", line(&tag));
    let content =
        Content { name: format!("release-{id}.md"), title: Some(format!("{repository}: {called}")), url, bytes: text.into_bytes() };
    Lead { key: format!("{RELEASES}{id}"), body: Body::Inline(content), depth: 0 }
}

/// A commit that says something.
fn of_commit(repository: &str, commit: NewCommit) -> Option<Lead> {
    let NewCommit { sha, message, author_name, committed_at, url, .. } = commit;
    let (subject, rest) = message.trim().split_once('\n').unwrap_or((message.trim(), ""));
    if subject.is_empty() {
        return None;
    }
    let by = author_name.map(|name| format!(" by {}", line(&name))).unwrap_or_default();
    let at = committed_at.format("%Y-%m-%d");
    let text = format!("# {subject}\n\n{}\n\nCommit {sha} of {repository}{by} on {at}.\n", rest.trim());
    let content = Content { name: format!("commit-{sha}.md"), title: Some(line(subject)), url, bytes: text.into_bytes() };
    Some(Lead { key: format!("{COMMITS}{sha}"), body: Body::Inline(content), depth: 0 })
}

fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
