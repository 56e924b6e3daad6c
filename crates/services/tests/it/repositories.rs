//! Tracked repositories as use cases.

use commandcenter_domain::repository::{
    NewRepository, RepositoryError, RepositoryFilter, RepositoryInput, RepositoryPatch, RepositoryPatchInput, RepositorySortKey,
    SyncRequest, SyncStatus,
};
use commandcenter_domain::shared::{Direction, RepositoryId, Sort};
use commandcenter_domain::{PageRequest, Patch, Store};
use serde_json::json;

use crate::support::{World, project};

const TOKEN: &str = "ghp_0123456789012345678901234567890123";

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_free_in_another_project() {
    let world = World::new().await;
    world.track("octocat", "Hello-World", None).await;
    let input = RepositoryInput { owner: "OctoCat", name: "hello-world", ..RepositoryInput::default() };
    let again = world.repositories.create(&world.scope, NewRepository::parse(&input).unwrap()).await;
    assert!(matches!(again, Err(RepositoryError::Exists(_))), "{again:?}");
    let other = project(&world.db, "beta").await;
    assert!(world.repositories.create(&other, NewRepository::parse(&input).unwrap()).await.is_ok());
}

#[tokio::test]
async fn a_token_lies_sealed_in_storage_and_clearing_it_removes_it() {
    let world = World::new().await;
    let known = world.track("octocat", "Hello-World", Some(TOKEN)).await;
    assert!(known.has_token);
    let state = world.db.store.repos().repositories().sync_state(&world.scope, known.id).await.unwrap().unwrap();
    let sealed = state.sealed_token.clone().unwrap();
    assert!(!sealed.windows(8).any(|part| TOKEN.as_bytes().windows(8).any(|clear| clear == part)));
    assert!(!format!("{state:?}").contains("ghp_"));
    let patch = RepositoryPatch::parse(RepositoryPatchInput { access_token: Patch::Clear, ..RepositoryPatchInput::default() }).unwrap();
    assert!(!world.repositories.update(&world.scope, known.id, patch).await.unwrap().has_token);
}

#[tokio::test]
async fn what_is_not_mentioned_in_a_patch_stays() {
    let world = World::new().await;
    let known = world.track("octocat", "Hello-World", Some(TOKEN)).await;
    let input = RepositoryPatchInput { metadata: Patch::Set(json!({ "team": "dsp" })), ..RepositoryPatchInput::default() };
    let updated = world.repositories.update(&world.scope, known.id, RepositoryPatch::parse(input).unwrap()).await.unwrap();
    assert_eq!((updated.has_token, updated.metadata), (true, Some(json!({ "team": "dsp" }))));
}

#[tokio::test]
async fn filters_combine_and_sorts_are_stable() {
    let world = World::new().await;
    for (owner, name) in [("octocat", "alpha"), ("octocat", "beta_100"), ("hubot", "alphabet")] {
        world.track(owner, name, None).await;
    }
    let names = async |owner: Option<&str>, search: Option<&str>| {
        let filter = RepositoryFilter::parse(owner, None, search).unwrap();
        let sort = Some(Sort { key: RepositorySortKey::FullName, direction: Direction::Ascending });
        let page = world.repositories.list(&world.scope, &filter, sort, PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|one| one.full_name).collect::<Vec<_>>()
    };
    assert_eq!(names(None, None).await, ["hubot/alphabet", "octocat/alpha", "octocat/beta_100"]);
    assert_eq!(names(Some("OCTOCAT"), Some("alpha")).await, ["octocat/alpha"]);
    assert_eq!(names(None, Some("a_1")).await, ["octocat/beta_100"], "signs of patterns are looked for literally");
    for text in ["a%a", "_lpha", "\\", "'"] {
        assert_eq!(names(None, Some(text)).await, Vec::<String>::new(), "{text}");
    }
}

#[tokio::test]
async fn a_second_request_to_synchronise_gives_the_first_job() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    let request = SyncRequest { repository_id: id, force: false };
    let first = world.repositories.sync(&world.scope, request).await.unwrap();
    let second = world.repositories.sync(&world.scope, SyncRequest { force: true, ..request }).await.unwrap();
    assert_eq!(first.id, second.id);
    let missing = SyncRequest { repository_id: RepositoryId::new(999), force: false };
    assert!(matches!(world.repositories.sync(&world.scope, missing).await, Err(RepositoryError::NotFound(_))));
}

#[tokio::test]
async fn deleting_takes_commits_and_documents_along() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.run(id).await.unwrap();
    world.repositories.delete(&world.scope, id).await.unwrap();
    assert!(world.documents.texts(id).is_empty());
    let left = world.db.store.repos().commits().list(&world.scope, id, PageRequest::default()).await.unwrap();
    assert_eq!(left.total, 0);
    assert!(matches!(world.repositories.delete(&world.scope, id).await, Err(RepositoryError::NotFound(_))));
}

#[tokio::test]
async fn another_projects_repository_does_not_exist() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    let other = project(&world.db, "beta").await;
    let page = PageRequest::default();
    assert!(world.repositories.get(&other, id).await.is_err());
    assert!(world.repositories.commits(&other, id, page).await.is_err());
    assert!(world.repositories.update(&other, id, RepositoryPatch::default()).await.is_err());
    assert!(world.repositories.delete(&other, id).await.is_err());
    assert!(world.repositories.sync(&other, SyncRequest { repository_id: id, force: false }).await.is_err());
    assert_eq!(world.repositories.list(&other, &RepositoryFilter::default(), None, page).await.unwrap().total, 0);
    assert!(world.repositories.get(&world.scope, id).await.is_ok());
}

#[tokio::test]
async fn a_run_that_died_for_good_is_not_shown_as_running() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    let storage = world.db.store.repos().repositories();
    storage.set_sync_status(&world.scope, id, SyncStatus::Syncing, None).await.unwrap();
    let shown = async || {
        let page = world.repositories.list(&world.scope, &RepositoryFilter::default(), None, PageRequest::default()).await.unwrap();
        let one = world.repositories.get(&world.scope, id).await.unwrap();
        assert_eq!(page.items, std::slice::from_ref(&one));
        (one.sync_status, one.sync_error.is_some())
    };
    assert_eq!(shown().await, (SyncStatus::Failed, true));
    world.repositories.sync(&world.scope, SyncRequest { repository_id: id, force: false }).await.unwrap();
    assert_eq!(shown().await, (SyncStatus::Syncing, false), "a job that waits or runs will say how it ended");
}
