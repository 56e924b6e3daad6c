//! Repositories of GitHub as sources: documents, releases, commits and code, by what changed.

use std::time::Duration;

use commandcenter_testkit::recorded::{Fault, RecordedGitHub, Script};
use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{PATH, counters, errors, make, run, start, titles};

fn engine() -> Script {
    Script::new("octocat", "engine")
        .commit(
            "Begin",
            &[
                ("README.md", Some("# Engine\n\nIt hums like a bumblebee.\n")),
                ("src/main.rs", Some("/// Starts the flywheel.\npub fn start_flywheel() {}\n")),
                ("docs/guide.md", Some("# Guide\n\nOil the crankshaft.\n")),
                ("docs/old/guide.md", Some("# Old guide\n\nGrease the camshaft.\n")),
                ("node_modules/x/README.md", Some("# Foreign\n\nA kazoo.\n")),
                ("logo.svg", Some("<svg/>")),
            ],
        )
        .commit("Document the carburettor\n\nIt mixes air and petrol.", &[("docs/mix.txt", Some("Mixing is a matter of balance.\n"))])
        .release("v1.0", "The first turbine.")
        .draft("v1.1", "A secret gearbox.")
        .stage()
        .commit("Polish", &[("docs/guide.md", Some("# Guide\n\nWax the crankshaft.\n")), ("docs/mix.txt", None)])
        .release("v2.0", "A second sprocket.")
        .stage()
}

async fn tracked(github: &RecordedGitHub, name: &str) -> (TestApp, Project, Value) {
    let (app, project) = start(&[("COMMANDCENTER_GITHUB__API_URL", &github.url()), ("COMMANDCENTER_GITHUB__TIMEOUT", "2s")]).await;
    let made = project.post("/api/v1/repositories", json!({ "owner": "octocat", "name": name })).await.expect(201);
    (app, project, made["id"].clone())
}

fn source(repository: &Value, mut config: Value) -> Value {
    config["repository_id"] = repository.clone();
    json!({ "name": "Engine", "type": "github", "config": config })
}

#[tokio::test]
async fn a_repository_is_read_by_parts_and_again_by_what_changed() {
    let github = RecordedGitHub::playing(vec![engine()]).await;
    let (_app, project, repository) = tracked(&github, "engine").await;
    let config = json!({ "parts": ["readme", "docs", "releases", "commits", "code"], "exclude": ["docs/old/"] });
    let id = make(&project, source(&repository, config)).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [7, 0, 0, 0, 0, 0], "four files, a release, two commits: {first}");
    assert_eq!(titles(&project, "bumblebee").await, ["Engine"]);
    assert_eq!(titles(&project, "flywheel").await, ["src/main.rs"]);
    assert_eq!(titles(&project, "turbine").await, ["octocat/engine: Version v1.0"]);
    assert_eq!(titles(&project, "petrol").await, ["Document the carburettor"]);
    for unread in ["camshaft", "kazoo", "gearbox"] {
        assert!(titles(&project, unread).await.is_empty(), "{unread}");
    }
    let list = project.get("/api/v1/knowledge/documents?search=guide").await.expect(200);
    assert!(list["items"][0]["source_url"].as_str().unwrap().contains("github.com/octocat/engine/blob/"), "{list}");

    let _ = github.requests();
    assert_eq!(counters(&run(&project, id).await), [0, 0, 7, 0, 0, 0]);
    let asked: Vec<_> = github.requests().into_iter().map(|seen| seen.path).collect();
    assert!(!asked.iter().any(|path| path.contains("/git/")), "nothing is new, so no file was asked for: {asked:?}");

    github.advance();
    let third = run(&project, id).await;
    assert_eq!(counters(&third), [2, 1, 5, 1, 0, 0], "a release and a commit, the guide, the text that is gone: {third}");
    let blobs = github.requests().into_iter().filter(|seen| seen.path.contains("/git/blobs/")).count();
    assert_eq!(blobs, 1, "only the guide was fetched");
    assert!(titles(&project, "balance").await.is_empty(), "what is gone does not answer");
    assert_eq!(titles(&project, "sprocket").await, ["octocat/engine: Version v2.0"]);

    let config = json!({ "repository_id": repository, "parts": ["readme"] });
    project.put(&format!("{PATH}/{id}"), json!({ "config": config })).await.expect(200);
    assert_eq!(counters(&run(&project, id).await)[2..4], [1, 7], "what is no longer wanted goes");
}

#[tokio::test]
async fn limits_leave_out_the_oldest_and_take_nothing_away() {
    let github = RecordedGitHub::playing(vec![engine()]).await;
    let (_app, project, repository) = tracked(&github, "engine").await;
    let config = json!({ "parts": ["commits", "releases"], "max_commits": 2, "max_releases": 1 });
    let id = make(&project, source(&repository, config)).await;
    assert_eq!(run(&project, id).await["added"], 3);
    github.advance();
    let second = run(&project, id).await;
    assert_eq!(counters(&second), [2, 0, 1, 0, 0, 0], "{second}");
    assert_eq!(second["notes"].as_array().unwrap().len(), 2, "{second}");
    assert_eq!(titles(&project, "turbine").await.len(), 1, "beyond the limit, and still there");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_alone() {
    let huge = Script::new("octocat", "huge")
        .commit("Start", &[("README.md", Some("# Huge\n\nA narwhal.\n")), ("docs/nul.txt", Some("a\u{0}b"))])
        .commit_claiming("docs/huge.txt", b"not really".to_vec(), 200 << 20)
        .commit_claiming("docs/liar.txt", vec![b'x'; 12 << 20], 100);
    let github = RecordedGitHub::playing(vec![huge]).await;
    let (_app, project, repository) = tracked(&github, "huge").await;
    let id = make(&project, source(&repository, json!({}))).await;
    let done = run(&project, id).await;
    assert_eq!((&done["status"], counters(&done)), (&json!("completed"), [1, 0, 0, 0, 1, 2]), "{done}");
    let errors = errors(&project, &done).await;
    let keys: Vec<_> = errors.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["files/docs/huge.txt", "files/docs/liar.txt", "files/docs/nul.txt"], "{errors:?}");
    assert_eq!(titles(&project, "narwhal").await, ["Huge"]);
}

#[tokio::test]
async fn a_used_up_limit_is_waited_for_and_the_run_goes_on_where_it_was() {
    let github = RecordedGitHub::playing(vec![engine()]).await;
    let (_app, project, repository) = tracked(&github, "engine").await;
    let id = make(&project, source(&repository, json!({ "parts": ["readme", "docs"] }))).await;
    github.fail_on("/git/blobs/", Fault::TooMany(2));
    let job = project.post(&format!("{PATH}/{id}/run"), json!({})).await.expect(202)["job_id"].clone();
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let source = project.get(&format!("{PATH}/{id}")).await.expect(200);
        if source["last_error"].as_str().is_some_and(|error| error.contains("rate limit")) {
            break;
        }
        assert!(Instant::now() < deadline, "the wait is told: {source}");
        sleep(Duration::from_millis(20)).await;
    }
    github.recover();
    loop {
        let job = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if job["status"] == "completed" {
            break;
        }
        assert!(Instant::now() < deadline, "goes on by itself: {job}");
        sleep(Duration::from_millis(20)).await;
    }
    let runs = project.get(&format!("{PATH}/{id}/runs")).await.expect(200);
    assert_eq!((&runs["total"], &runs["items"][0]["added"]), (&json!(1), &json!(4)), "one run of one job: {runs}");
}

#[tokio::test]
async fn refusals_of_the_host_and_empty_repositories_are_told() {
    let github = RecordedGitHub::playing(vec![Script::new("octocat", "empty")]).await;
    let (_app, project, repository) = tracked(&github, "empty").await;
    let id = make(&project, source(&repository, json!({}))).await;
    let empty = run(&project, id).await;
    assert_eq!((&empty["status"], counters(&empty)), (&json!("completed"), [0; 6]), "{empty}");
    assert!(empty["notes"][0].as_str().unwrap().contains("no commits"), "{empty}");
    for (fault, words) in [(Fault::Unauthorized, "401"), (Fault::NotFound, "does not know")] {
        github.fail(fault);
        let failed = run(&project, id).await;
        github.recover();
        assert_eq!(failed["status"], "failed", "{failed}");
        assert!(failed["error"].as_str().unwrap().contains(words), "{failed}");
    }
    project.delete(&format!("/api/v1/repositories/{repository}")).await.expect(204);
    assert!(run(&project, id).await["error"].as_str().unwrap().contains("not tracked"));
}

#[tokio::test]
async fn a_repository_of_another_project_is_none() {
    let github = RecordedGitHub::playing(vec![engine()]).await;
    let (app, project, repository) = tracked(&github, "engine").await;
    let other = app.user("eve").await.project("beta").await;
    for (project, body, field) in [
        (&other, source(&repository, json!({})), "config.repository_id"),
        (&project, source(&json!(99_999), json!({})), "config.repository_id"),
        (&project, source(&json!("1"), json!({})), "config.repository_id"),
        (&project, source(&repository, json!({ "parts": ["wiki"] })), "config.parts"),
        (&project, source(&repository, json!({ "include": ["a{b"] })), "config"),
        (&project, source(&repository, json!({ "max_commits": 0 })), "config.max_commits"),
        (&project, json!({ "name": "a", "type": "github", "url": "https://github.com/a/b" }), "url"),
    ] {
        let refused = project.post(PATH, body.clone()).await;
        assert_eq!(refused.problem(422), "validation", "{body}");
        let errors = refused.body["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["field"] == field), "{body}: {errors:?}");
    }
}
