//! Synchronisations that do not reach their end: what the job and the repository say then.

use chrono::TimeDelta;
use commandcenter_domain::Clock;
use commandcenter_domain::job::JobFailure;
use commandcenter_domain::repository::SyncStatus;
use commandcenter_testkit::recorded::Fault;
use serde_json::json;

use crate::support::{TestRun, World, project};

/// How a job ends when GitHub fails this way, and what the repository says.
async fn failing(fault: Fault) -> (JobFailure, String) {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.github.fail(fault);
    let failure = world.run(id).await.unwrap_err();
    let known = world.repository(id).await;
    assert_eq!(known.sync_status, SyncStatus::Failed);
    let said = known.sync_error.unwrap();
    assert_eq!(said, failure.to_string());
    (failure, said)
}

#[tokio::test]
async fn refusals_fail_for_good_with_a_reason() {
    for (fault, words) in [
        (Fault::Unauthorized, "access token (401)"),
        (Fault::Forbidden, "denied access (403)"),
        (Fault::NotFound, "does not know the repository"),
    ] {
        let (failure, said) = failing(fault).await;
        assert!(matches!(failure, JobFailure::Fail(_)), "{fault:?}: {failure:?}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn rate_limits_wait_until_they_are_renewed() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.github.fail(Fault::TooMany(120));
    let failure = world.run(id).await.unwrap_err();
    let JobFailure::WaitUntil { at, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(at, world.clock.now() + TimeDelta::seconds(120));
    world.github.recover();
    world.clock.advance(TimeDelta::seconds(121));
    assert_eq!(world.run(id).await.unwrap()["commits_added"], 3);
    assert_eq!(world.repository(id).await.sync_error, None);
    assert!(matches!(failing(Fault::RateLimited(60)).await.0, JobFailure::WaitUntil { .. }));
}

#[tokio::test]
async fn trouble_and_silence_are_tried_again_later() {
    for fault in [Fault::Broken, Fault::Slow(3000), Fault::Garbage] {
        let (failure, said) = failing(fault).await;
        assert!(matches!(failure, JobFailure::Retry(_)), "{fault:?}: {failure:?}");
        assert!(said.starts_with("GitHub "), "{said}");
    }
}

#[tokio::test]
async fn a_run_that_broke_in_the_middle_is_made_up_for() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.github.fail_on("/git/blobs/", Fault::Broken);
    assert!(matches!(world.run(id).await, Err(JobFailure::Retry(_))));
    assert!(world.repository(id).await.last_commit.is_some(), "commits came before the documents");
    world.github.recover();
    let report = world.run(id).await.unwrap();
    assert_eq!((&report["commits_added"], &report["documents_added"]), (&json!(0), &json!(4)), "the cursor had not moved");
}

#[tokio::test]
async fn a_cancelled_run_stops_and_leaves_the_truth() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    let run = TestRun::stopping_at(&world.scope, "reading docs/guide.md");
    let failure = world.run_with(&run, json!({ "repository_id": id })).await.unwrap_err();
    assert!(matches!(failure, JobFailure::Cancelled), "{failure:?}");
    let known = world.repository(id).await;
    assert_eq!((known.sync_status, known.sync_error), (SyncStatus::Never, None));
    world.run(id).await.unwrap();
    assert_eq!(world.documents.texts(id).len(), 4);
}

#[tokio::test]
async fn a_cancelled_run_does_not_wait_for_github() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    world.github.fail(Fault::Slow(700));
    let started = std::time::Instant::now();
    let run = TestRun::stopping_at(&world.scope, "asking GitHub");
    assert!(matches!(world.run_with(&run, json!({ "repository_id": id })).await, Err(JobFailure::Cancelled)));
    assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
}

#[tokio::test]
async fn another_projects_repository_does_not_exist_for_a_job() {
    let world = World::new().await;
    let id = world.track("octocat", "Hello-World", None).await.id;
    let other = project(&world.db, "beta").await;
    let failure = world.run_with(&TestRun::new(&other), json!({ "repository_id": id })).await.unwrap_err();
    assert!(matches!(&failure, JobFailure::Fail(reason) if reason.contains("does not exist")), "{failure:?}");
    assert_eq!(world.repository(id).await.sync_status, SyncStatus::Never);
    assert!(world.github.requests().is_empty());
}
