//! Synchronisations that reach their end.

use commandcenter_domain::PageRequest;
use commandcenter_domain::Store;
use commandcenter_domain::repository::SyncStatus;
use commandcenter_services::repository_sync::SyncLimits;
use commandcenter_testkit::recorded::{RecordedGitHub, Script, hello_world};
use serde_json::{Value, json};

use crate::support::{TestRun, World};

async fn subjects(world: &World, id: commandcenter_domain::shared::RepositoryId) -> Vec<String> {
    let page = world.repositories.commits(&world.scope, id, PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|commit| commit.commit.message.lines().next().unwrap_or_default().to_owned()).collect()
}

fn counts(report: &Value) -> [u64; 4] {
    ["commits_added", "documents_added", "documents_updated", "documents_removed"].map(|name| report[name].as_u64().unwrap())
}

#[tokio::test]
async fn the_first_run_takes_over_metadata_commits_and_documents() {
    let world = World::new().await;
    let id = world.track("octocat", "hello-world", None).await.id;

    let run = TestRun::new(&world.scope);
    let report = world.run_with(&run, json!({ "repository_id": id })).await.unwrap();

    assert_eq!(counts(&report), [3, 4, 0, 0], "{report}");
    assert_eq!(report["changes_detected"], true);
    let known = world.repository(id).await;
    assert_eq!(known.full_name, "octocat/Hello-World", "the spelling is the host's");
    assert_eq!((known.sync_status, known.sync_error.as_deref(), known.last_synced_at.is_some()), (SyncStatus::Synced, None, true));
    assert_eq!((known.default_branch.as_deref(), known.language.as_deref(), known.forks), (Some("main"), Some("Rust"), 9));
    assert_eq!(known.url.as_deref(), Some("https://github.com/octocat/Hello-World"));
    assert!(known.github_id.is_some() && known.clone_url.is_some());
    let head = known.last_commit.unwrap();
    assert_eq!((head.message.as_deref(), Some(head.sha.as_str())), (Some("Add notes and a logo"), report["head_sha"].as_str()));
    assert_eq!(subjects(&world, id).await, ["Add notes and a logo", "Document the program", "Initial commit"]);
    let paths: Vec<String> = world.documents.texts(id).into_keys().collect();
    assert_eq!(paths, ["README.md", "docs/guide.md", "docs/notes.txt", "docs/setup/install.rst"]);
    let guide = world.documents.file(id, "docs/guide.md");
    assert_eq!(guide.url, Some(format!("https://github.com/octocat/Hello-World/blob/{}/docs/guide.md", head.sha)));
    let steps = run.steps.lock().unwrap();
    assert!(steps.windows(2).all(|pair| pair[0].0 <= pair[1].0), "progress never goes back: {steps:?}");
    assert_eq!(steps.last().unwrap().0, 100);
}

#[tokio::test]
async fn the_next_run_reads_only_what_changed_and_removes_what_is_gone() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    world.documents.take_puts();
    world.github.advance();
    drop(world.github.requests());

    let report = world.run(id).await.unwrap();

    assert_eq!(counts(&report), [2, 2, 1, 2], "{report}");
    assert_eq!(world.documents.take_puts(), ["docs/faq.md", "docs/guide.md", "docs/install.rst"]);
    let texts = world.documents.texts(id);
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["README.md", "docs/faq.md", "docs/guide.md", "docs/install.rst"]);
    assert!(texts["docs/guide.md"].contains("with a bow"));
    assert_eq!(subjects(&world, id).await[0], "Move the installation");
    let asked: Vec<String> = world.github.requests().into_iter().map(|seen| seen.path).collect();
    assert_eq!(asked.iter().filter(|path| path.contains("/git/blobs/")).count(), 3, "{asked:?}");
    assert!(asked.iter().any(|path| path.contains("/compare/")), "{asked:?}");
}

#[tokio::test]
async fn an_unchanged_head_costs_two_questions() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    world.documents.take_puts();
    drop(world.github.requests());

    let report = world.run(id).await.unwrap();

    assert_eq!((counts(&report), &report["changes_detected"]), ([0; 4], &json!(false)));
    let asked = world.github.requests();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].is_conditional);
    assert!(world.documents.take_puts().is_empty());
}

#[tokio::test]
async fn force_reads_everything_again_and_adds_nothing_twice() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    world.documents.take_puts();

    let report = world.run_with(&TestRun::new(&world.scope), json!({ "repository_id": id, "force": true })).await.unwrap();

    assert_eq!(counts(&report), [0, 0, 4, 0], "{report}");
    assert_eq!(world.documents.take_puts().len(), 4);
    assert_eq!(subjects(&world, id).await.len(), 3);
}

#[tokio::test]
async fn a_repository_without_commits_is_up_to_date() {
    let world = World::new().await;
    let id = world.track("octocat", "empty", None).await.id;
    let report = world.run(id).await.unwrap();
    assert_eq!((&report["head_sha"], &report["note"]), (&Value::Null, &json!("the repository has no commits yet")));
    let known = world.repository(id).await;
    assert_eq!((known.sync_status, known.last_commit), (SyncStatus::Synced, None));
}

#[tokio::test]
async fn a_text_of_200_mib_is_refused_by_its_size_and_the_rest_is_read() {
    let world = World::new().await;
    let id = world.track("octocat", "huge", None).await.id;
    let report = world.run(id).await.unwrap();
    assert_eq!(world.documents.texts(id).into_keys().collect::<Vec<_>>(), ["README.md"]);
    let skipped = report["documents_skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 2, "{report}");
    assert_eq!(skipped[0]["reason"], "209715200 bytes are more than the limit of 1048576 bytes");
    assert!(skipped[1]["reason"].as_str().unwrap().contains("limit of 1048576 bytes"), "{report}");
    let blobs = world.github.requests().into_iter().filter(|seen| seen.path.contains("/git/blobs/")).count();
    assert_eq!(blobs, 2, "what its tree says is too large is not even asked for");
}

#[tokio::test]
async fn a_renamed_repository_is_followed() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    world.github.rename(("octocat", "Hello-World"), ("hubot", "greetings"));
    world.github.advance();
    let report = world.run(id).await.unwrap();
    assert_eq!(report["commits_added"], 2);
    assert_eq!(world.repository(id).await.full_name, "hubot/greetings");
}

#[tokio::test]
async fn a_tree_that_is_cut_short_is_read_where_documents_are() {
    let world = World::with(RecordedGitHub::playing(vec![hello_world().with_truncated_trees()]).await).await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    assert_eq!(counts(&world.run(id).await.unwrap()), [3, 4, 0, 0]);
    assert!(world.documents.texts(id).contains_key("docs/setup/install.rst"));
}

#[tokio::test]
async fn the_sealed_token_opens_a_private_repository() {
    let token = "ghp_0123456789012345678901234567890123";
    let world = World::with(RecordedGitHub::playing(vec![hello_world().private(token)]).await).await;
    let id = world.track("octocat", "Hello-World", Some(token)).await.id;
    world.run(id).await.unwrap();
    assert!(world.repository(id).await.is_private);
    assert!(world.github.requests().iter().all(|seen| seen.token.as_deref() == Some(token)));
}

#[tokio::test]
async fn the_end_of_a_run_is_an_event() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    let events = world.db.store.repos().outbox().unpublished(10).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["cc.repository.created.v1", "cc.repository.synced.v1"]);
    assert_eq!((&events[1].data["repository_id"], &events[1].data["commits_added"]), (&json!(id), &json!(3)));
}

#[tokio::test]
async fn the_newest_commits_are_stored_even_when_there_are_more_than_are_taken_over() {
    let mut script = Script::new("octocat", "busy").commit("Commit 0", &[]).stage();
    for number in 1..=250 {
        script = script.commit(&format!("Commit {number}"), &[]);
    }
    let mut world = World::with(RecordedGitHub::playing(vec![script.stage()]).await).await;
    world.sync = world.sync.with_limits(SyncLimits { history_pages: 1, update_pages: 1, ..SyncLimits::default() });
    let id = world.track("octocat", "busy", None).await.id;
    world.run(id).await.unwrap();
    world.github.advance();
    assert_eq!(world.run(id).await.unwrap()["commits_added"], 200);
    assert_eq!(subjects(&world, id).await[0], "Commit 250");
}
