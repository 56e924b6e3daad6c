//! What a client sees of a synchronisation, with the engine running.

use std::time::Duration;

use commandcenter_testkit::recorded::{Fault, RecordedGitHub};
use commandcenter_testkit::{Client, Project, TestApp};
use serde_json::{Value, json};

use super::{PATH, TOKEN, path_of, track};

async fn start(github: &RecordedGitHub) -> (TestApp, Project) {
    let app = TestApp::start_with(&[("COMMANDCENTER_GITHUB__API_URL", &github.url()), ("COMMANDCENTER_GITHUB__TIMEOUT", "2s")]).await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project)
}

/// The repository once a run has ended.
async fn settled(client: &Client, path: &str) -> Value {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let known = client.get(path).await.expect(200);
        if !matches!(known["sync_status"].as_str(), Some("never" | "syncing")) {
            return known;
        }
        assert!(tokio::time::Instant::now() < deadline, "the run ends within 30 s: {known}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_synchronisation_fills_the_repository_and_its_commits() {
    let github = RecordedGitHub::start().await;
    let (_app, project) = start(&github).await;
    let path = path_of(&track(&project, "Hello-World").await);
    let reply = project.post(&format!("{path}/sync"), json!({})).await;
    let location = reply.header("location").map(str::to_owned);
    let job = reply.expect(202)["job_id"].clone();
    assert_eq!(location, Some(format!("/api/v1/jobs/{job}")));

    let known = settled(&project, &path).await;

    assert_eq!((&known["sync_status"], &known["sync_error"]), (&json!("synced"), &json!(null)));
    assert_eq!((&known["default_branch"], &known["language"], &known["forks"]), (&json!("main"), &json!("Rust"), &json!(9)));
    assert_eq!(known["last_commit_message"], "Add notes and a logo");
    assert_eq!(known["last_commit_author"], "Monalisa Octocat");
    assert!(known["last_synced_at"].as_str().unwrap().ends_with('Z'));
    let commits = project.get(&format!("{path}/commits?limit=2")).await.expect(200);
    assert_eq!((&commits["total"], &commits["has_next"]), (&json!(3), &json!(true)));
    let newest = &commits["items"][0];
    assert_eq!((&newest["sha"], &newest["committed_at"]), (&known["last_commit_sha"], &json!("2026-01-03T09:00:00Z")));
    for field in ["message", "author_name", "author_email", "authored_at", "url"] {
        assert!(newest[field].is_string(), "{field}: {newest}");
    }
}

#[tokio::test]
async fn asking_again_while_one_is_under_way_gives_the_same_job() {
    let github = RecordedGitHub::start().await;
    github.delay(Duration::from_millis(300));
    let (_app, project) = start(&github).await;
    let path = path_of(&track(&project, "Hello-World").await);
    let sync = format!("{path}/sync");
    // No body at all is fine too.
    let first = project.send(project.request(reqwest::Method::POST, &sync)).await.expect(202);
    let second = project.post(&sync, json!({ "force": true })).await.expect(202);
    assert_eq!(first, second);
    assert_eq!(settled(&project, &path).await["sync_status"], "synced");
}

#[tokio::test]
async fn a_refusal_of_github_is_told_on_the_repository() {
    let github = RecordedGitHub::start().await;
    let (_app, project) = start(&github).await;
    for (fault, words) in [
        (Fault::Unauthorized, "access token (401)"),
        (Fault::Forbidden, "denied access (403)"),
        (Fault::NotFound, "does not know the repository"),
        (Fault::TooMany(3000), "rate limit"),
    ] {
        let path = path_of(&track(&project, &format!("repo-{}", words.len())).await);
        github.fail(fault);
        project.post(&format!("{path}/sync"), json!({})).await.expect(202);
        let known = settled(&project, &path).await;
        github.recover();
        assert_eq!(known["sync_status"], "failed");
        assert!(known["sync_error"].as_str().unwrap().contains(words), "{known}");
    }
}

#[tokio::test]
async fn the_stored_token_is_what_github_sees() {
    let github = RecordedGitHub::start().await;
    let (_app, project) = start(&github).await;
    let body = json!({ "owner": "octocat", "name": "Hello-World", "access_token": TOKEN });
    let path = path_of(&project.post(PATH, body).await.expect(201));
    project.post(&format!("{path}/sync"), json!({})).await.expect(202);
    assert_eq!(settled(&project, &path).await["sync_status"], "synced");
    assert!(github.requests().iter().all(|seen| seen.token.as_deref() == Some(TOKEN)));
}
