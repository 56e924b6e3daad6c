//! What GitHub says, read from recorded traffic and from the examples of its API description.

use commandcenter_domain::repository::{CommitRange, Fetched, HostRepository, RepositoryHost, TreeDepth, TreeKind};
use commandcenter_testkit::recorded::{RecordedGitHub, Script};

use super::{host, target};

async fn repository(server: &RecordedGitHub, owner: &str, name: &str) -> (HostRepository, Option<String>) {
    match host(&server.url()).repository(&target(owner, name), None).await.unwrap() {
        Fetched::Fresh { value, etag } => (value, etag),
        Fetched::Unchanged => panic!("nothing was known"),
    }
}

#[tokio::test]
async fn the_recorded_repository_is_understood() {
    let server = RecordedGitHub::playing(vec![]).await.replaying(&["get-repository"]);
    let (known, etag) = repository(&server, "octokit-fixture-org", "hello-world").await;
    assert_eq!((known.github_id, known.owner.as_str(), known.name.as_str()), (1000, "octokit-fixture-org", "hello-world"));
    assert_eq!((known.default_branch.as_str(), known.is_private), ("master", false));
    assert_eq!(known.url.as_deref().map(|url| url.ends_with("/octokit-fixture-org/hello-world")), Some(true));
    assert!(known.clone_url.is_some_and(|url| url.ends_with(".git")));
    assert_eq!(etag.as_deref(), Some("\"00000000000000000000000000000000\""));
}

#[tokio::test]
async fn the_recorded_redirect_of_a_renamed_repository_is_followed() {
    let server = RecordedGitHub::playing(vec![]).await.replaying(&["rename-repository"]);
    let (known, _) = repository(&server, "octokit-fixture-org", "rename-repository").await;
    assert_eq!(known.name, "rename-repository-newname");
}

#[tokio::test]
async fn the_example_repository_is_understood() {
    let server = RecordedGitHub::start().await;
    let (known, _) = repository(&server, "octocat", "Hello-World").await;
    assert_eq!((known.owner.as_str(), known.name.as_str(), known.forks), ("octocat", "Hello-World", 9));
    assert_eq!(known.description.as_deref(), Some("This your first repo!"));
}

#[tokio::test]
async fn an_unchanged_repository_is_not_sent_again() {
    let server = RecordedGitHub::start().await;
    let (_, etag) = repository(&server, "octocat", "Hello-World").await;
    let again = host(&server.url()).repository(&target("octocat", "Hello-World"), etag.as_deref()).await.unwrap();
    assert_eq!(again, Fetched::Unchanged);
    assert!(server.requests().last().unwrap().is_conditional);
}

#[tokio::test]
async fn history_is_read_page_by_page_and_since_a_commit() {
    let mut script = Script::new("octocat", "long");
    for number in 0..230 {
        script = script.commit(&format!("Commit {number}"), &[]);
    }
    let server = RecordedGitHub::playing(vec![script]).await;
    let (client, target) = (host(&server.url()), target("octocat", "long"));
    let head = client.head(&target, "main").await.unwrap();
    assert_eq!((head.message.as_str(), head.author_name.as_deref()), ("Commit 229", Some("Monalisa Octocat")));
    let all = CommitRange::Until { head: head.sha.clone() };
    let (mut shas, mut sizes) = (Vec::new(), Vec::new());
    for page in 1.. {
        let found = client.commits(&target, &all, page).await.unwrap();
        sizes.push(found.commits.len());
        shas.extend(found.commits.into_iter().map(|commit| commit.sha));
        if !found.has_next {
            break;
        }
    }
    assert_eq!(sizes, [100, 100, 30]);
    let since = CommitRange::Between { base: shas[150].clone(), head: head.sha };
    let page = client.commits(&target, &since, 2).await.unwrap();
    assert_eq!((page.commits.len(), page.has_next), (50, false));
    assert_eq!(page.commits.last().unwrap().sha, shas[0]);
}

#[tokio::test]
async fn trees_and_files_are_read_at_a_commit() {
    let server = RecordedGitHub::start().await;
    let (client, target) = (host(&server.url()), target("octocat", "Hello-World"));
    let head = client.head(&target, "main").await.unwrap();
    let tree = client.tree(&target, &head.sha, TreeDepth::Recursive).await.unwrap();
    let guide = tree.entries.iter().find(|entry| entry.path == "docs/guide.md").unwrap();
    assert_eq!(guide.kind, TreeKind::File);
    assert!(tree.entries.iter().any(|entry| entry.path == "docs" && entry.kind == TreeKind::Folder));
    let bytes = client.blob(&target, &guide.sha, 1_000_000).await.unwrap();
    assert!(String::from_utf8(bytes).unwrap().starts_with("# Guide"));
    let flat = client.tree(&target, &head.sha, TreeDepth::Flat).await.unwrap();
    assert!(flat.entries.iter().all(|entry| !entry.path.contains('/')));
}
