//! The domain's port, question by question.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commandcenter_domain::repository::{
    CommitPage, CommitRange, Fetched, HostError, HostRepository, HostTarget, NewCommit, ReleasePage, RepositoryHost, Tree, TreeDepth,
};
use http::StatusCode;

use crate::answer::Answer;
use crate::client::{Ask, GithubHost};
use crate::wire::{BlobWire, CommitWire, CompareWire, ReleaseWire, RepositoryWire, TreeWire};

const JSON: &str = "application/vnd.github+json";
const RAW: &str = "application/vnd.github.raw+json";
/// Most bytes of a JSON answer: a recursive tree is cut by GitHub at 7 MB.
const JSON_LIMIT: u64 = 32 * 1024 * 1024;
/// Commits per page: the most that GitHub gives.
const PER_PAGE: u32 = 100;

fn ask<'a>(target: &'a HostTarget, endpoint: &'static str, rest: &str) -> Ask<'a> {
    let HostTarget { owner, name, token } = target;
    let route = format!("/repos/{owner}/{name}{rest}");
    Ask {
        endpoint,
        route,
        what: format!("the repository {owner}/{name}"),
        accept: JSON,
        etag: None,
        token: token.as_ref(),
        limit: JSON_LIMIT,
    }
}

#[async_trait]
impl RepositoryHost for GithubHost {
    async fn repository(&self, target: &HostTarget, etag: Option<&str>) -> Result<Fetched<HostRepository>, HostError> {
        let answer = self.get(&Ask { etag, ..ask(target, "repository", "") }).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        let value = answer.json::<RepositoryWire>()?.into();
        Ok(Fetched::Fresh { value, etag: answer.etag() })
    }

    async fn head(&self, target: &HostTarget, branch: &str) -> Result<NewCommit, HostError> {
        let what = format!("the branch {branch} of {}/{}", target.owner, target.name);
        let rest = format!("/commits?sha={}&per_page=1", encoded(branch));
        let answer = self.get(&Ask { what, ..ask(target, "head", &rest) }).await?;
        let newest = answer.json::<Vec<CommitWire>>()?.into_iter().next();
        newest.ok_or(HostError::EmptyRepository)?.try_into()
    }

    async fn commits(&self, target: &HostTarget, range: &CommitRange, page: u32) -> Result<CommitPage, HostError> {
        let (answer, commits) = match range {
            CommitRange::Until { head } => {
                let rest = format!("/commits?sha={}&per_page={PER_PAGE}&page={page}", encoded(head));
                let answer = self.get(&ask(target, "commits", &rest)).await?;
                let commits = answer.json::<Vec<CommitWire>>()?;
                (answer, commits)
            }
            CommitRange::Between { base, head } => {
                let rest = format!("/compare/{base}...{head}?per_page={PER_PAGE}&page={page}");
                let answer = self.get(&ask(target, "compare", &rest)).await?;
                let commits = answer.json::<CompareWire>()?.commits;
                (answer, commits)
            }
        };
        let commits = commits.into_iter().map(NewCommit::try_from).collect::<Result<_, _>>()?;
        Ok(CommitPage { commits, has_next: answer.has_next() })
    }

    async fn releases(&self, target: &HostTarget, page: u32) -> Result<ReleasePage, HostError> {
        let answer = self.get(&ask(target, "releases", &format!("/releases?per_page={PER_PAGE}&page={page}"))).await?;
        let releases = answer.json::<Vec<ReleaseWire>>()?.into_iter().filter_map(ReleaseWire::published).collect();
        Ok(ReleasePage { releases, has_next: answer.has_next() })
    }

    async fn tree(&self, target: &HostTarget, sha: &str, depth: TreeDepth) -> Result<Tree, HostError> {
        let query = match depth {
            TreeDepth::Flat => "",
            TreeDepth::Recursive => "?recursive=1",
        };
        let what = format!("the files of {}/{} at {sha}", target.owner, target.name);
        let answer = self.get(&Ask { what, ..ask(target, "tree", &format!("/git/trees/{sha}{query}")) }).await?;
        answer.json::<TreeWire>()?.try_into()
    }

    async fn blob(&self, target: &HostTarget, sha: &str, limit: u64) -> Result<Vec<u8>, HostError> {
        let what = format!("the file with hash {sha} of {}/{}", target.owner, target.name);
        // Servers that do not know the raw media type send base64 in JSON: a third more, and the frame around it.
        let frame = limit.saturating_add(limit / 2).saturating_add(64 * 1024);
        let asked = Ask { what, accept: RAW, limit: frame, ..ask(target, "blob", &format!("/git/blobs/{sha}")) };
        let answer = self.get(&asked).await.map_err(|err| limited(err, limit))?;
        let bytes = content(&answer)?;
        if bytes.len() as u64 > limit { Err(HostError::TooLarge { limit }) } else { Ok(bytes) }
    }
}

/// The limit that was meant, not the one that the frame needed.
fn limited(err: HostError, limit: u64) -> HostError {
    match err {
        HostError::TooLarge { .. } => HostError::TooLarge { limit },
        other => other,
    }
}

fn content(answer: &Answer) -> Result<Vec<u8>, HostError> {
    if !answer.is_json() {
        return Ok(answer.body.to_vec());
    }
    let BlobWire { content, encoding } = answer.json()?;
    match encoding.as_str() {
        "utf-8" => Ok(content.into_bytes()),
        "base64" => {
            let text: String = content.split_whitespace().collect();
            STANDARD.decode(text).map_err(|_| HostError::Unexpected("a file that is not base64".to_owned()))
        }
        _ => Err(HostError::Unexpected("a file in an unknown encoding".to_owned())),
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
